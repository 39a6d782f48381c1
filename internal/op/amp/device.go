package amp

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// kernel runs a kernel of amp.cu on the first input, n×d.
func kernel(a *op.DeviceArgs, name string, rows bool, args ...launch.Arg) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	shape := launch.Elements(n * d)
	if rows {
		shape = launch.Rows(n)
	}
	return a.Kernel("amp", ptx.Of("amp/amp"), "amp_"+name, shape, append([]launch.Arg{launch.I(n), launch.I(d), a.Y()},
		args...)...)
}
