//go:build whitebox_cuda

package squarederror

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed squarederror.ptx
var ptx string

func (k Error) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n := opkit.Operand{Shape: a.Shapes[0]}.Size()
	parts := cuda.Parts(n)
	var s opkit.Sequence
	s.Add(a.Kernel("squarederror", ptx, "squarederror_total", parts, cuda.I(n), cuda.P(a.Work), a.X(0), a.X(1)))
	s.Add(a.Kernel("squarederror", ptx, "squarederror_finish", cuda.One(), cuda.I(parts.Blocks), a.Y(), cuda.P(a.Work), cuda.F64(k.scale(n))))
	return s.Run()
}

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("squarederror", ptx, "squarederror_grad", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1), a.X(2), cuda.F64(2*k.Of.scale(a.N())))
}
