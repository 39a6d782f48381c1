// Package reduce is sums and means.
//
//	Σ x     (1/N) Σ x     Σ x²     over all elements, the rows or the columns
//
// # Method
//
// Sums run in float64 whatever the dtype, in chunks of fixed size whose sums are
// added in order: the same bits on any number of workers, and an error that does
// not grow with the number of elements in float32.
//
// # Gradient
//
// With D = ∂L/∂out, ∂L/∂xᵢⱼ is c·D of the sum that xᵢⱼ is in, or c·D·2xᵢⱼ for
// squares, c being 1 or 1/N.
//
// # Numerics
//
// One number read a flop: bound by memory.
package reduce

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Axis is what is summed over.
type Axis int

// The axes.
const (
	All  Axis = iota // every element; out is a scalar
	Rows             // the rows of x (n×d); out is d
	Cols             // the columns of x (n×d); out is n
)

// Sum is the op of the sum of x, or of x².
type Sum struct {
	Over    Axis
	Mean    bool // divide by the number of summands
	Squares bool
}

// Spec implements op.Op.
func (k Sum) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{k.rank()}, FLOPs: op.Elements, Kernel: op.Both(k, bindSum, bindSum), Device: k.device,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			switch k.Over {
			case Rows:
				return tensor.Shape{in[0][1]}, nil
			case Cols:
				return tensor.Shape{in[0][0]}, nil
			}
			return tensor.ScalarShape(), nil
		},
		Workspace: func(in []tensor.Shape) int { // the sum of each column, or of each chunk
			if k.Over == Rows {
				return in[0][1]
			}
			return in[0].TotalSize()/op.Grain + 1
		},
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(spread{k}, in[0], dout))}
		},
	}
}

func (k Sum) rank() op.Input {
	if k.Over == All {
		return op.Any
	}
	return 2
}

func (k Sum) device(a *op.DeviceArgs) (op.Run, error) {
	x, c := a.Shapes[0], launch.F64(k.scale(a.Shapes[0]))
	switch k.Over {
	case Rows:
		return kernel(a, "rows", launch.Columns(x[1]), launch.I(x[0]), launch.I(x[1]), a.Y(), a.X(0), flag(k.Squares),
			c)
	case Cols:
		return kernel(a, "cols", launch.Rows(x[0]), launch.I(x[0]), launch.I(x[1]), a.Y(), a.X(0), flag(k.Squares), c)
	}
	n := op.Operand{Shape: x}.Size()
	parts := launch.Parts(n)
	var s op.Sequence
	s.Add(kernel(a, "total", parts, launch.I(n), launch.P(a.Work), a.X(0), flag(k.Squares)))
	s.Add(kernel(a, "finish", launch.One(), launch.I(parts.Blocks), a.Y(), launch.P(a.Work), c))
	return s.Run()
}

// spread is the op of Sum's gradient: inputs x and D, output in x's shape.
type spread struct{ Of Sum }

func (k spread) Spec() op.Spec {
	d := op.Input(1)
	if k.Of.Over == All {
		d = 0
	}
	return op.Spec{In: []op.Input{k.Of.rank(), d}, FLOPs: op.Elements, Kernel: op.Both(k, bindSpread, bindSpread),
		Device: k.device}
}

func (k spread) device(a *op.DeviceArgs) (op.Run, error) {
	c, d := k.Of.scale(a.Shapes[0]), 1
	if k.Of.Squares {
		c *= 2
	}
	if r := len(a.Shape); r > 0 {
		d = a.Shape[r-1]
	}
	return kernel(a, "spread", launch.Elements(a.N()), launch.I(a.N()), launch.I(d), a.Y(), a.X(0), a.X(1),
		launch.I(int(k.Of.Over)), flag(k.Of.Squares), a.Real(c))
}

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("reduce", ptx.Of("reduce/reduce"), "reduce_"+name, shape, args...)
}

func flag(b bool) launch.Arg {
	if b {
		return launch.I(1)
	}
	return launch.I(0)
}
