//go:build whitebox_cuda

package layernorm

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
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
	return a.Kernel("layernorm", ptx, "layernorm_stats", launch.Rows(n), launch.I(n), launch.I(d), a.Y(), a.X(0), launch.F64(k.Eps))
}

func (k Norm) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_norm", launch.Elements(n*d), launch.I(n), launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_input_grad", launch.Rows(n), launch.I(n), launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k gainGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_gain_grad", launch.Columns(d), launch.I(n), launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2))
}

func (k shiftGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx, "layernorm_shift_grad", launch.Columns(d), launch.I(n), launch.I(d), a.Y(), a.X(0))
}
