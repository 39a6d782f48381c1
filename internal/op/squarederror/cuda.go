//go:build whitebox_cuda

package squarederror

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed squarederror.ptx
var ptx string

func (k Error) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n := opkit.Operand{Shape: a.Shapes[0]}.Size()
	parts := launch.Parts(n)
	var s opkit.Sequence
	s.Add(a.Kernel("squarederror", ptx, "squarederror_total", parts, launch.I(n), launch.P(a.Work), a.X(0), a.X(1)))
	s.Add(a.Kernel("squarederror", ptx, "squarederror_finish", launch.One(), launch.I(parts.Blocks), a.Y(), launch.P(a.Work), launch.F64(k.scale(n))))
	return s.Run()
}

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("squarederror", ptx, "squarederror_grad", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1), a.X(2), launch.F64(2*k.Of.scale(a.N())))
}
