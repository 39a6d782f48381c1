// Package elementary is the elementary functions, element by element.
//
//	exp x    log x    √x    |x|    xᵉ for a constant e    min(max(x, lo), hi)    erf x
//
// # Gradient
//
//	exp    y              log    1/x        √    1/(2y)        erf    2/√π·exp(−x²)
//	|x|    sgn x, 0 at 0                    xᵉ   e·xᵉ⁻¹, 0 where e is 0
//	clamp  1 where lo ≤ x ≤ hi, the bounds included, and 0 elsewhere
//
// Those of log and √ are infinite at 0, as are powers below 1: an upstream gradient of 0
// then gives NaN, so keep x away from 0 by an addend, not by a Where after it.
//
// # Numerics
//
// In float64, rounded once; exp is package simd's, in the graph's dtype, to 2 units in
// the last place. NaN stays NaN. log x is −∞ at 0 and NaN below, √x is NaN below 0, and
// xᵉ is NaN for x below 0 if e is not an integer. Bound by the function, but √, |x|, x²
// and clamp by memory.
package elementary

import (
	"math"

	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// Exp is the op eˣ, for x of any rank, as are the others.
type Exp struct{}

// Log is the op of the natural logarithm.
type Log struct{}

// Sqrt is the op √x.
type Sqrt struct{}

// Abs is the op |x|.
type Abs struct{}

// Pow is the op xᵉ.
type Pow struct {
	Exponent float64 // e, finite
}

// Clamp is the op min(max(x, Lo), Hi).
type Clamp struct{ Lo, Hi float64 } // Lo ≤ Hi; either may be infinite

// Erf is the op of the error function.
type Erf struct{}

// Spec implements op.Op.
func (k Exp) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: math.Exp, Slope: func(y float64) float64 { return y }, OfOutput: true,
		Fast: op.Slices(simd.Exp, simd.Exp), FastSlope: op.Slices2(simd.Mul, simd.Mul),
		Name: "exp", PTX: ptx.Of("elementary/exp"), FLOPs: 1,
	})
}

// Spec implements op.Op.
func (k Log) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: math.Log, Slope: func(x float64) float64 { return 1 / x },
		Name: "log", PTX: ptx.Of("elementary/log"), FLOPs: 1,
	})
}

// Spec implements op.Op.
func (k Sqrt) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: math.Sqrt, Slope: func(y float64) float64 { return 0.5 / y }, OfOutput: true,
		Fast: op.Slices(root, root), FastSlope: op.Slices2(rootSlope, rootSlope),
		Name: "sqrt", PTX: ptx.Of("elementary/sqrt"), FLOPs: 1,
	})
}

// Spec implements op.Op.
func (k Abs) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: math.Abs, Slope: sign,
		Fast: op.Slices(abs, abs), FastSlope: op.Slices2(absSlope, absSlope),
		Name: "abs", PTX: ptx.Of("elementary/abs"),
	})
}

// Spec implements op.Op.
func (k Pow) Spec() op.Spec {
	e := k.Exponent
	f := op.Function{
		Value: func(x float64) float64 { return math.Pow(x, e) },
		Slope: func(x float64) float64 {
			if e == 0 {
				return 0
			}
			return e * math.Pow(x, e-1)
		},
		Name: "pow", PTX: ptx.Of("elementary/pow"), Numbers: []float64{e}, FLOPs: 1,
	}
	if e == 2 {
		f.Fast, f.FastSlope = op.Slices(square, square), op.Slices2(squareSlope, squareSlope)
	}
	s := op.Pointwise(k, f)
	s.Shape = func(in []tensor.Shape) (tensor.Shape, error) {
		if e-e != 0 {
			return nil, op.Errorf("pow: the exponent is %v, want a finite number", e)
		}
		return in[0].Clone(), nil
	}
	return s
}

// Spec implements op.Op.
func (k Clamp) Spec() op.Spec {
	s := op.Pointwise(k, op.Function{
		Value: k.value, Slope: k.slope,
		Fast:      op.Slices(clamp[float32](k), clamp[float64](k)),
		FastSlope: op.Slices2(clampSlope[float32](k), clampSlope[float64](k)),
		Name:      "clamp", PTX: ptx.Of("elementary/clamp"), Numbers: []float64{k.Lo, k.Hi},
	})
	s.Shape = func(in []tensor.Shape) (tensor.Shape, error) {
		if !(k.Lo <= k.Hi) {
			return nil, op.Errorf("clamp: from %v to %v, want the first at most the second", k.Lo, k.Hi)
		}
		return in[0].Clone(), nil
	}
	return s
}

// Spec implements op.Op.
func (k Erf) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: math.Erf, Slope: func(x float64) float64 { return 2 / math.SqrtPi * math.Exp(-x*x) },
		Name: "erf", PTX: ptx.Of("elementary/erf"), FLOPs: 1,
	})
}
