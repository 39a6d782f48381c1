// Package softmax is the softmax over the last axis.
//
//	yⱼ = exp(xⱼ) / Σᵢ exp(xᵢ)
//
// # Method
//
// The largest element of a row is subtracted first, so that exp never overflows:
// y is the same, for softmax does not change when all of x does by one number.
//
// # Gradient
//
// With D = ∂L/∂y, ∂L/∂xⱼ = yⱼ (Dⱼ − ⟨D, y⟩). It needs y but not x.
//
// # Numerics
//
// exp runs in the graph's dtype, to 2 units in the last place, the sums in float64.
// Bound by exp.
package softmax

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/op"
)

// Softmax is the op of y for x of any rank from 1.
type Softmax struct{}

// Spec implements op.Op.
func (k Softmax) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bind, bind),
		Grad: func(_ gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(grad{k}, dout, out))}
		},
		Device: k.device,
	}
}

// grad is the op of ∂L/∂x: inputs D and y.
type grad struct{ Of Softmax }

func (k grad) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Any},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindGrad, bindGrad),
		Device:  k.device,
	}
}
