//go:build whitebox_cuda

package recovery

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed recovery.ptx
var ptx string

func kernel(a *opkit.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (opkit.Run, error) {
	return a.Kernel("recovery", ptx, "recovery_"+name, shape, args...)
}

func (Sums) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n := a.Shapes[0].TotalSize()
	parts := launch.Parts(n)
	var s opkit.Sequence
	s.Add(kernel(a, "parts", parts, launch.I(n), launch.P(a.Work), a.X(0), a.X(1)))
	s.Add(kernel(a, "sums", launch.One(), launch.I(parts.Blocks), a.Y(), launch.P(a.Work)))
	return s.Run()
}

func (NMSE) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "decibels", launch.Elements(1), a.Y(), a.X(0))
}

func (Precision) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "share", launch.Elements(1), a.Y(), a.X(0), launch.I(found))
}

func (Recall) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "share", launch.Elements(1), a.Y(), a.X(0), launch.I(there))
}
