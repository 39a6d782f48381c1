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
// In float64, rounded once. Bound by exp.
package tanh

import (
	"math"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
)

// Tanh is the op tanh x, for x of any rank.
type Tanh struct{}

// Spec implements op.Op.
func (k Tanh) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value: math.Tanh, Slope: func(y float64) float64 { return 1 - y*y }, OfOutput: true,
		Name: "tanh", PTX: ptx.Of("tanh/tanh"), FLOPs: 3,
	})
}
