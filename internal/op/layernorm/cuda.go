//go:build whitebox_cuda

package layernorm

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed layernorm.ptx
var ptx string

// sides returns how many rows of which length an input has.
func sides(a *opkit.DeviceArgs, i int) (n, d int) {
	d = last(a.Shapes[i])
	return a.Shapes[i].TotalSize() / d, d
}

func (k Stats) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_stats", cuda.Rows(n), cuda.I(n), cuda.I(d), a.Y(), a.X(0), cuda.F64(k.Eps))
}

func (k Norm) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_norm", cuda.Elements(n*d), cuda.I(n), cuda.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_input_grad", cuda.Rows(n), cuda.I(n), cuda.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k gainGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_gain_grad", cuda.Columns(d), cuda.I(n), cuda.I(d), a.Y(), a.X(0), a.X(1), a.X(2))
}

func (k shiftGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_shift_grad", cuda.Columns(d), cuda.I(n), cuda.I(d), a.Y(), a.X(0))
}
