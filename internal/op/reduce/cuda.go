//go:build whitebox_cuda

package reduce

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed reduce.ptx
var ptx string

// flag returns 1 for true.
func flag(b bool) cuda.Arg {
	if b {
		return cuda.I(1)
	}
	return cuda.I(0)
}

func (k Sum) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	x, c := a.Shapes[0], cuda.F64(k.scale(a.Shapes[0]))
	switch k.Over {
	case Rows:
		return a.Kernel("reduce", ptx, "reduce_rows", cuda.Columns(x[1]), cuda.I(x[0]), cuda.I(x[1]), a.Y(), a.X(0), flag(k.Squares), c)
	case Cols:
		return a.Kernel("reduce", ptx, "reduce_cols", cuda.Rows(x[0]), cuda.I(x[0]), cuda.I(x[1]), a.Y(), a.X(0), flag(k.Squares), c)
	}
	n := opkit.Operand{Shape: x}.Size()
	parts := cuda.Parts(n)
	var s opkit.Sequence
	s.Add(a.Kernel("reduce", ptx, "reduce_total", parts, cuda.I(n), cuda.P(a.Work), a.X(0), flag(k.Squares)))
	s.Add(a.Kernel("reduce", ptx, "reduce_finish", cuda.One(), cuda.I(parts.Blocks), a.Y(), cuda.P(a.Work), c))
	return s.Run()
}

func (k spread) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	c, d := k.Of.scale(a.Shapes[0]), 1
	if k.Of.Squares {
		c *= 2
	}
	if r := len(a.Shape); r > 0 {
		d = a.Shape[r-1]
	}
	return a.Kernel("reduce", ptx, "reduce_spread", cuda.Elements(a.N()), cuda.I(a.N()), cuda.I(d), a.Y(), a.X(0), a.X(1), cuda.I(int(k.Of.Over)), flag(k.Of.Squares), a.Real(c))
}
