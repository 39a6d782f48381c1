// Package gelu is the Gaussian error linear unit.
//
//	y = x Φ(x) = ½x (1 + erf(x/√2))
//
// # Gradient
//
// With the density φ(x) = exp(−x²/2)/√(2π),
//
//	f′(x) = Φ(x) + x φ(x)
//
// # Numerics
//
// In float64, rounded once; with vector instructions by polynomials, to 1 unit in the last
// place of float32 in value, also where it is tiny. At −∞ it is 0 with slope 0. Bound by
// arithmetic: about 1 ns an element.
//
// # References
//
// Hendrycks, Gimpel. Gaussian error linear units. 2016, in the exact form, which is
// PyTorch's default.
package gelu

import (
	"math"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// GELU is the op x Φ(x), for x of any rank.
type GELU struct{}

// Spec implements op.Op.
func (k GELU) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: func(x float64) float64 { return max(x, -far) * normal(x) },
		Slope: func(x float64) float64 {
			x = min(max(x, -far), far)
			return normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		},
		Fast: op.Slices(simd.GELU, simd.GELU), FastSlope: op.Slices2(simd.GELUGrad, simd.GELUGrad),
		Name: "gelu", PTX: ptx.Of("gelu/gelu"), FLOPs: 4,
	})
}

// far is where all has long been decided: Φ(−far) = 0, which times −∞ would be NaN.
const far = 1e4

// normal returns Φ(x), the distribution of a standard normal number.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
