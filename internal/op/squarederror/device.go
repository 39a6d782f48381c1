package squarederror

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (k Error) device(a *op.DeviceArgs) (op.Run, error) {
	n := op.Operand{Shape: a.Shapes[0]}.Size()
	parts := launch.Parts(n)
	var s op.Sequence
	s.Add(a.Kernel("squarederror", ptx.Of("squarederror/squarederror"), "squarederror_total", parts, launch.I(n),
		launch.P(a.Work), a.X(0), a.X(1)))
	s.Add(a.Kernel("squarederror", ptx.Of("squarederror/squarederror"), "squarederror_finish", launch.One(),
		launch.I(parts.Blocks), a.Y(), launch.P(a.Work), launch.F64(k.scale(n))))
	return s.Run()
}
