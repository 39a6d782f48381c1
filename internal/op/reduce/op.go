// Package reduce is sums, means and extremes over axes.
//
//	Σ x     (1/N) Σ x     Σ x²     max x     min x
//
// over all elements, or over neighbouring axes: an x of shape a×b×c over b.
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
// squares, c being 1 or 1/N. The gradient of an extreme goes to the first of the
// elements that are equal to it.
//
// # Numerics
//
// One number read a flop: bound by memory. A NaN is the largest and the least.
package reduce

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Axes are neighbouring axes that an op reduces.
type Axes struct {
	From, To int  // the axes From, …, To−1 of x; To of 0 is all of them, and out a scalar
	Keep     bool // keep them, of size 1
}

// parts returns the sides of x as a×b×c, of which b is reduced.
func (r Axes) parts(x []int) (a, b, c int) {
	a, b, c = 1, 1, 1
	for i, d := range x {
		switch {
		case r.To > 0 && i < r.From:
			a *= d
		case r.To == 0 || i < r.To:
			b *= d
		default:
			c *= d
		}
	}
	return a, b, c
}

// shape returns the output's shape.
func (r Axes) shape(in []tensor.Shape) (tensor.Shape, error) {
	x, to := in[0], r.To
	if r.To < 0 || r.To > 0 && !(0 <= r.From && r.From < r.To) || r.To > len(x) || r.To == 0 && r.From != 0 {
		return nil, op.Errorf("reduce: axes %d to %d of x of shape %v", r.From, r.To-1, x)
	}
	if to == 0 {
		to = len(x)
	}
	out := tensor.Shape{}
	for i, d := range x {
		switch {
		case i < r.From || i >= to:
			out = append(out, d)
		case r.Keep:
			out = append(out, 1)
		}
	}
	if len(out) == 0 {
		return tensor.ScalarShape(), nil
	}
	return out, nil
}

// Sum is the op of the sum of x, or of x².
type Sum struct {
	Axes
	Mean    bool // divide by the number of summands
	Squares bool
}

// Spec implements op.Op.
func (k Sum) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any}, FLOPs: op.Elements, Kernel: op.Both(k, bindSum, bindSum), Device: k.device,
		Shape: k.shape,
		Workspace: func(in []tensor.Shape) int { // the sum of each column, or of each chunk
			a, b, c := k.parts(in[0])
			if k.To == 0 {
				return b/op.Grain + 1
			}
			return a * c
		},
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(spread{k}, in[0], dout))}
		},
	}
}

func (k Sum) device(g *op.DeviceArgs) (op.Run, error) {
	a, b, c := k.parts(g.Shapes[0])
	scale := launch.F64(k.scale(g.Shapes[0]))
	switch {
	case k.To == 0:
		parts := launch.Parts(b)
		var s op.Sequence
		s.Add(kernel(g, "total", parts, launch.I(b), launch.P(g.Work), g.X(0), launch.B(k.Squares)))
		s.Add(kernel(g, "finish", launch.One(), launch.I(parts.Blocks), g.Y(), launch.P(g.Work), scale))
		return s.Run()
	case c == 1:
		return kernel(g, "cols", launch.Rows(a), launch.I(a), launch.I(b), g.Y(), g.X(0), launch.B(k.Squares), scale)
	case a == 1:
		return kernel(g, "rows", launch.Columns(c), launch.I(b), launch.I(c), g.Y(), g.X(0), launch.B(k.Squares), scale)
	}
	return kernel(g, "middle", launch.Rows(a*c), launch.I(a*c), launch.I(b), launch.I(c), g.Y(), g.X(0),
		launch.B(k.Squares), scale)
}

// spread is the op of Sum's gradient: inputs x and D, output in x's shape.
type spread struct{ Of Sum }

func (k spread) Spec() op.Spec {
	return op.Spec{In: []op.Input{op.Any, op.Any}, FLOPs: op.Elements, Kernel: op.Both(k, bindSpread, bindSpread),
		Device: k.device}
}

func (k spread) device(g *op.DeviceArgs) (op.Run, error) {
	scale := k.Of.scale(g.Shapes[0])
	if k.Of.Squares {
		scale *= 2
	}
	_, b, c := k.Of.parts(g.Shapes[0])
	return kernel(g, "spread", launch.Elements(g.N()), launch.I(g.N()), launch.I(b*c), launch.I(c), g.Y(), g.X(0),
		g.X(1), launch.B(k.Of.Squares), g.Real(scale))
}

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("reduce", ptx.Of("reduce/reduce"), "reduce_"+name, shape, args...)
}
