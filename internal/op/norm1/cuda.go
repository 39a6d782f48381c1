//go:build whitebox_cuda

package norm1

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed norm1.ptx
var ptx string

func (L1) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n := opkit.Operand{Shape: a.Shapes[0]}.Size()
	return a.Kernel("norm1", ptx, "norm1_total", cuda.LongRows(1, n), cuda.I(n), a.Y(), a.X(0))
}

func (grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("norm1", ptx, "norm1_grad", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}
