// Package tanh is the hyperbolic tangent.
//
//	y = tanh x
//
// # Gradient
//
// f′(x) = 1 − y², which needs y but not x, so x may be freed in the forward pass.
//
// # Numerics
//
// To 1 unit in the last place of float32. Bound by arithmetic: about 1 ns an element.
package tanh

import (
	"math"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// Tanh is the op tanh x, for x of any rank.
type Tanh struct{}

// Spec implements op.Op.
func (k Tanh) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: math.Tanh, Slope: func(y float64) float64 { return 1 - y*y }, OfOutput: true,
		Fast: op.Slices(simd.Tanh, simd.Tanh), FastSlope: op.Slices2(slope, slope),
		Name: "tanh", PTX: ptx.Of("tanh/tanh"), FLOPs: 3,
	})
}

// slope stores D(1 − y²).
func slope[T op.Float](out, y, dout []T) {
	for i, v := range y {
		out[i] = dout[i] * (1 - v*v)
	}
}
