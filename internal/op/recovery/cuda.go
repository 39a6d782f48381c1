//go:build whitebox_cuda

package recovery

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed recovery.ptx
var ptx string

func launch(a *opkit.DeviceArgs, name string, shape cuda.Shape, args ...cuda.Arg) (opkit.Run, error) {
	return a.Kernel("recovery", ptx, "recovery_"+name, shape, args...)
}

func (Sums) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n := a.Shapes[0].TotalSize()
	parts := cuda.Parts(n)
	var s opkit.Sequence
	s.Add(launch(a, "parts", parts, cuda.I(n), cuda.P(a.Work), a.X(0), a.X(1)))
	s.Add(launch(a, "sums", cuda.One(), cuda.I(parts.Blocks), a.Y(), cuda.P(a.Work)))
	return s.Run()
}

func (NMSE) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "decibels", cuda.Elements(1), a.Y(), a.X(0))
}

func (Precision) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "share", cuda.Elements(1), a.Y(), a.X(0), cuda.I(found))
}

func (Recall) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "share", cuda.Elements(1), a.Y(), a.X(0), cuda.I(there))
}
