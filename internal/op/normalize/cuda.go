//go:build whitebox_cuda

package normalize

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed normalize.ptx
var ptx string

func (Rows) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	return a.Kernel("normalize", ptx, "normalize_rows", launch.Rows(n), launch.I(n), launch.I(d), a.Y(), a.X(0), launch.P(a.Status))
}

// Explain implements opkit.Explained: a row without a direction.
func (Rows) Explain(f opkit.Finding) error {
	return noDirection(f.Number, f.Shapes[0][0], float64(f.Value))
}

func (grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	return a.Kernel("normalize", ptx, "normalize_tangent", launch.Rows(n), launch.I(n), launch.I(d), a.Y(), a.X(0), a.X(1))
}
