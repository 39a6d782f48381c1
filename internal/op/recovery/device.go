package recovery

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("recovery", ptx.Of("recovery/recovery"), "recovery_"+name, shape, args...)
}

func (Sums) device(a *op.DeviceArgs) (op.Run, error) {
	n := a.Shapes[0].TotalSize()
	parts := launch.Parts(n)
	var s op.Sequence
	s.Add(kernel(a, "parts", parts, launch.I(n), launch.P(a.Work), a.X(0), a.X(1)))
	s.Add(kernel(a, "sums", launch.One(), launch.I(parts.Blocks), a.Y(), launch.P(a.Work)))
	return s.Run()
}
