// Package piecewise is functions that choose between two, element by element.
//
//	LeakyReLU  x where x > 0, a·x elsewhere, for a constant a
//	PReLU      the same for a learned a
//	Maximum    max(x, y)
//	Minimum    min(x, y)
//	Where      x where c ≠ 0, y elsewhere
//
// The operands after the first have its shape, or are a vector that meets every row, or
// one number.
//
// # Gradient
//
// D goes to what was chosen, times a where that is a·x; ∂a is D·x there. At x = 0 the
// slope of LeakyReLU and PReLU is a; where x = y, Maximum and Minimum give each a half.
// Where is not differentiable in c.
//
// # Numerics
//
// One rounding at most. NaN stays NaN in all but Where, in which it is not 0: x is
// chosen. Bound by memory.
//
// # References
//
// He, Zhang, Ren, Sun. Delving deep into rectifiers. ICCV 2015 (PReLU).
package piecewise

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
)

// LeakyReLU is the op of x where x > 0 and a·x elsewhere, for x of any rank.
type LeakyReLU struct {
	Slope float64 // a, finite
}

// PReLU is the op of the same: inputs x and a.
type PReLU struct{}

// Maximum is the op max(x, y): inputs x and y.
type Maximum struct{}

// Minimum is the op min(x, y): inputs x and y.
type Minimum struct{}

// Where is the op of x where c ≠ 0 and y elsewhere: inputs c, x and y.
type Where struct{}

// Spec implements op.Op.
func (k LeakyReLU) Spec() op.Spec {
	a := k.Slope
	s := op.Pointwise(k, op.Function{
		Value: func(x float64) float64 { return prelu(x, a, 0, 0) },
		Slope: func(x float64) float64 { return slope(x, a, 0, 0) },
		Fast:  op.Slices(leaky[float32](k), leaky[float64](k)), FastSlope: op.Slices2(leakySlope[float32](k),
			leakySlope[float64](k)),
		Name: "leaky_relu", PTX: ptx.Of("piecewise/leaky"), Numbers: []float64{a}, FLOPs: 1,
	})
	s.Shape = func(in []tensor.Shape) (tensor.Shape, error) {
		if a-a != 0 {
			return nil, op.Errorf("leaky ReLU: the slope is %v, want a finite number", a)
		}
		return in[0].Clone(), nil
	}
	return s
}

// Spec implements op.Op.
func (k PReLU) Spec() op.Spec {
	return op.Elementwise(k, op.Formula{
		Value:        prelu,
		Partials:     []func(x, a, _, _ float64) float64{slope, below},
		Fast:         op.Slices2(preluSlices, preluSlices),
		FastPartials: []op.Ternary{op.Slices3(preluGrad, preluGrad)},
		Name:         "prelu", PTX: ptx.Of("piecewise/prelu"), FLOPs: 1,
	})
}

// Spec implements op.Op.
func (k Maximum) Spec() op.Spec {
	return op.Elementwise(k, op.Formula{
		Value: func(x, y, _, _ float64) float64 { return max(x, y) },
		Partials: []func(x, y, _, _ float64) float64{
			func(x, y, _, _ float64) float64 { return share(x, y) },
			func(x, y, _, _ float64) float64 { return share(y, x) },
		},
		Fast:         op.Slices2(maximum, maximum),
		FastPartials: []op.Ternary{op.Slices3(larger, larger), op.Slices3(smaller, smaller)},
		Name:         "maximum", PTX: ptx.Of("piecewise/maximum"),
	})
}

// Spec implements op.Op.
func (k Minimum) Spec() op.Spec {
	return op.Elementwise(k, op.Formula{
		Value: func(x, y, _, _ float64) float64 { return min(x, y) },
		Partials: []func(x, y, _, _ float64) float64{
			func(x, y, _, _ float64) float64 { return share(y, x) },
			func(x, y, _, _ float64) float64 { return share(x, y) },
		},
		Fast:         op.Slices2(minimum, minimum),
		FastPartials: []op.Ternary{op.Slices3(smaller, smaller), op.Slices3(larger, larger)},
		Name:         "minimum", PTX: ptx.Of("piecewise/minimum"),
	})
}

// Spec implements op.Op.
func (k Where) Spec() op.Spec {
	s := op.Elementwise(k, op.Formula{
		Value: func(c, x, y, _ float64) float64 {
			if c != 0 {
				return x
			}
			return y
		},
		Partials: []func(c, x, y, _ float64) float64{
			func(_, _, _, _ float64) float64 { return 0 },
			func(c, _, _, _ float64) float64 { return one(c != 0) },
			func(c, _, _, _ float64) float64 { return one(c == 0) },
		},
		Fast3:        op.Slices3(where, where),
		FastPartials: []op.Ternary{{}, op.Slices3(chosen, chosen), op.Slices3(other, other)},
		Name:         "where", PTX: ptx.Of("piecewise/where"),
	})
	s.Wrt = []bool{false, true, true}
	s.Grad = func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
		dx := op.Must(op.Apply(op.Partial{Of: k, I: 1}, dout, in[0], in[1], in[2]))
		return gorgonia.Nodes{nil, dx, op.Must(op.Apply(op.Partial{Of: k, I: 2}, dout, in[0], in[1], in[2]))}
	}
	return s
}
