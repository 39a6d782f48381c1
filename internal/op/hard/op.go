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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Hard is the kernel of H: inputs u (n×d) and θ (d, or 1 for all columns; 0 or
// above), output n×d.
type Hard struct {
	Sigma float64 // σ, from 0 to 1
}

var _ opkit.Differentiable = Hard{}

func (Hard) Ranks() (in []int, out int) { return []int{2, 1}, 2 }
func (Hard) Wrt() []bool                { return []bool{true, true} }

func (k Hard) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Sigma >= 0 && k.Sigma <= 1) {
		return nil, errors.Wrapf(opkit.ErrInput, "hard: σ is %v, want it from 0 to 1", k.Sigma)
	}
	if d, l := in[0][1], in[1][0]; l != d && l != 1 {
		return nil, errors.Wrapf(opkit.ErrInput, "hard: u is %d×%d but θ has length %d, want %d or 1", in[0][0], d, l, d)
	}
	return in[0].Clone(), nil
}

func (k Hard) Bind32(a *opkit.Args[float32]) opkit.Run { return bindHard(k, a) }
func (k Hard) Bind64(a *opkit.Args[float64]) opkit.Run { return bindHard(k, a) }

func (k Hard) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	du, err := opkit.Apply(inputGrad{k}, dout, in[0], in[1])
	if err != nil {
		return nil, err
	}
	dtheta, err := opkit.Apply(thetaGrad{k}, dout, in[0], in[1])
	return gorgonia.Nodes{du, dtheta}, err
}

// inputGrad is the kernel of ∂u: inputs D, u and θ.
type inputGrad struct{ Of Hard }

func (inputGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 1}, 2 }
func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindInputGrad(k, a) }
func (k inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindInputGrad(k, a) }

// thetaGrad is the kernel of ∂θ: inputs D, u and θ, whose length its output has.
type thetaGrad struct{ Of Hard }

func (thetaGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 1}, 1 }
func (thetaGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil }
func (thetaGrad) Workspace(in []tensor.Shape) int               { return in[2][0] }
func (k thetaGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindThetaGrad(k, a) }
func (k thetaGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindThetaGrad(k, a) }
