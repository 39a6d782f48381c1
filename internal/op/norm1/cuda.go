//go:build whitebox_cuda

package norm1

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed norm1.ptx
var ptx string

func (L1) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n := opkit.Operand{Shape: a.Shapes[0]}.Size()
	return a.Kernel("norm1", ptx, "norm1_total", launch.LongRows(1, n), launch.I(n), a.Y(), a.X(0))
}

func (grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("norm1", ptx, "norm1_grad", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
}
