//go:build whitebox_cuda

package normalize

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed normalize.ptx
var ptx string

func (k Rows) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	return a.Kernel("normalize", ptx, "normalize_rows", cuda.Rows(n), cuda.I(n), cuda.I(d), a.Y(), a.X(0), cuda.F64(k.Eps))
}

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	return a.Kernel("normalize", ptx, "normalize_tangent", cuda.Rows(n), cuda.I(n), cuda.I(d), a.Y(), a.X(0), a.X(1), cuda.F64(k.Of.Eps))
}
