package layernorm

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// sides returns how many rows of which length an input has.
func sides(a *op.DeviceArgs, i int) (n, d int) {
	d = last(a.Shapes[i])
	return a.Shapes[i].TotalSize() / d, d
}

func (k Stats) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx.Of("layernorm/layernorm"), "layernorm_stats", launch.Rows(n), launch.I(n),
		launch.I(d), a.Y(), a.X(0), launch.F64(k.Eps))
}

func (k Norm) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx.Of("layernorm/layernorm"), "layernorm_norm", launch.Elements(n*d), launch.I(n),
		launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k inputGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx.Of("layernorm/layernorm"), "layernorm_input_grad", launch.Rows(n), launch.I(n),
		launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k gainGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx.Of("layernorm/layernorm"), "layernorm_gain_grad", launch.Columns(d), launch.I(n),
		launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2))
}

func (k shiftGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := sides(a, 0)
	return a.Kernel("layernorm", ptx.Of("layernorm/layernorm"), "layernorm_shift_grad", launch.Columns(d), launch.I(n),
		launch.I(d), a.Y(), a.X(0))
}
