// Package sigmoid is the logistic function and the activations made of it.
//
//	Sigmoid   σ(x) = 1/(1 + e⁻ˣ)
//	SiLU      x σ(x)
//	GELUTanh  ½x (1 + tanh u) = x σ(2u)        u = √(2/π) (x + 0.044715 x³)
//	Softplus  log(1 + eˣ)
//
// # Gradient
//
//	Sigmoid   y (1 − y)                        SiLU      σ(x) + x σ(x) σ(−x)
//	Softplus  σ(x)                             GELUTanh  σ(2u) + 2x u′ σ(2u) σ(−2u)
//
// with u′ = √(2/π) (1 + 3·0.044715 x²). That of Sigmoid needs the output alone, so x may
// be freed in the forward pass; where y rounds to 1 it is 0.
//
// # Numerics
//
// Rounded once from float64, or to 2 units in the last place of float32 by vector
// instructions. No exponential is of a positive number, so none overflows:
// softplus of 1000 is 1000, of −700 it is e⁻⁷⁰⁰. SiLU and GELUTanh of −∞ are 0. Bound by
// arithmetic: below 1 ns an element, and some 10 ns for Softplus.
//
// # References
//
// Hendrycks, Gimpel. Gaussian error linear units. 2016; GELUTanh is PyTorch's
// approximate="tanh". Elfwing, Uchibe, Doya. Sigmoid-weighted linear
// units. Neural Networks 2018.
package sigmoid

import (
	"math"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// Sigmoid is the op σ(x), for x of any rank, as are the others.
type Sigmoid struct{}

// SiLU is the op x σ(x).
type SiLU struct{}

// GELUTanh is the op x Φ(x) with tanh for erf.
type GELUTanh struct{}

// Softplus is the op log(1 + eˣ).
type Softplus struct{}

// Spec implements op.Op.
func (k Sigmoid) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: sigmoid, Slope: func(y float64) float64 { return y * (1 - y) }, OfOutput: true,
		Fast: op.Slices(simd.Sigmoid, simd.Sigmoid), FastSlope: op.Slices2(slope, slope),
		Name: "sigmoid", PTX: ptx.Of("sigmoid/sigmoid"), FLOPs: 4,
	})
}

// Spec implements op.Op.
func (k SiLU) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: func(x float64) float64 { return times(sigmoid(x), x) },
		Slope: func(x float64) float64 {
			s := sigmoid(x)
			return s + times(s*sigmoid(-x), x)
		},
		Fast: op.Slices(simd.SiLU, simd.SiLU), FastSlope: op.Slices2(simd.SiLUGrad, simd.SiLUGrad),
		Name: "silu", PTX: ptx.Of("sigmoid/silu"), FLOPs: 5,
	})
}

const cubic = 0.044715

// Spec implements op.Op.
func (k GELUTanh) Spec() op.Spec {
	twice := 2 * math.Sqrt(2/math.Pi)
	return op.Pointwise(k, op.Function{
		Value: func(x float64) float64 { return times(sigmoid(twice*(x+cubic*x*x*x)), x) },
		Slope: func(x float64) float64 {
			u := twice * (x + cubic*x*x*x)
			s := sigmoid(u)
			return s + times(s*sigmoid(-u), x*twice*(1+3*cubic*x*x))
		},
		Fast: op.Slices(simd.GELUTanh, simd.GELUTanh),
		Name: "gelu_tanh", PTX: ptx.Of("sigmoid/gelutanh"), FLOPs: 9,
	})
}

// Spec implements op.Op.
func (k Softplus) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
		Slope: sigmoid,
		Name:  "softplus", PTX: ptx.Of("sigmoid/softplus"), FLOPs: 4,
	})
}

// sigmoid returns σ(x).
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// times returns s·x, 0 where s is, whatever x is.
func times(s, x float64) float64 {
	if s == 0 {
		return 0
	}
	return s * x
}

// slope stores D·y(1 − y).
func slope[T op.Float](out, y, dout []T) {
	for i, v := range y {
		out[i] = T(float64(dout[i]) * (float64(v) * (1 - float64(v))))
	}
}
