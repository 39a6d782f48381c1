// Package hard is hard thresholding, and its continuous form.
//
//	H(u) = u                              where |u| ≥ θ
//	       sgn(u)·(|u| − (1−σ)θ)/σ        where (1−σ)θ < |u| < θ
//	       0                              elsewhere
//
// For σ = 0 it is the proximal operator of ½θ²‖·‖₀, which jumps at θ: no gradient
// tells θ where to go. A σ above 0 puts a ramp in place of the jump (HELU), and θ
// can be learned; σ = 1 is the identity.
//
// # Gradient
//
// With D = ∂L/∂out, s = sgn(u): outside the ramp ∂u = D where |u| ≥ θ, else 0, and
// ∂θ = 0; on it
//
//	∂u = D/σ        ∂θ = −Σ D s (1−σ)/σ
//
// # Numerics
//
// One rounding an element; the sums of ∂θ run in float64. Bound by memory.
//
// # References
//
// Wang, Ling, Huang. Learning deep ℓ₀ encoders. AAAI 2016, eq. 6.
package hard

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Hard is the op of H: inputs u (n×d) and θ (d, or 1 for all columns; 0 or
// above), output n×d.
type Hard struct {
	Sigma float64 // σ, from 0 to 1
}

// Spec implements op.Op.
func (k Hard) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 1},
		Kernel: op.Both(k, bindHard, bindHard),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			du := op.Must(op.Apply(inputGrad{k}, dout, in[0], in[1]))
			return gorgonia.Nodes{du, op.Must(op.Apply(thetaGrad{k}, dout, in[0], in[1]))}
		},
		Device: k.device,
	}
}

func (k Hard) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Sigma >= 0 && k.Sigma <= 1) {
		return nil, op.Errorf("hard: σ is %v, want it from 0 to 1", k.Sigma)
	}
	if d, l := in[0][1], in[1][0]; l != d && l != 1 {
		return nil, op.Errorf("hard: u is %d×%d but θ has length %d, want %d or 1", in[0][0], d, l, d)
	}
	return in[0].Clone(), nil
}

// inputGrad is the op of ∂u: inputs D, u and θ.
type inputGrad struct{ Of Hard }

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2, 1},
		Kernel: op.Both(k, bindInputGrad, bindInputGrad),
		Device: k.device,
	}
}

// thetaGrad is the op of ∂θ: inputs D, u and θ, whose length its output has.
type thetaGrad struct{ Of Hard }

func (k thetaGrad) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{2, 2, 1},
		Kernel:    op.Both(k, bindThetaGrad, bindThetaGrad),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Workspace: func(in []tensor.Shape) int { return in[2][0] },
		Device:    k.device,
	}
}
