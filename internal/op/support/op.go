// Package support is thresholding that trusts a part of the support.
//
//	SS_{θ,τ}(u) = u              where |u| > θ and |u| > τ
//	              S_θ(u)         elsewhere
//	Top_s(u)    = u              at the s largest |u| of a sample, 0 elsewhere
//
// In SS [1], τ is an order statistic of the sample itself: of its d magnitudes in
// ascending order, counted from 0, that at
//
//	(d−1)(1 − q/100), rounded, halves to even
//
// so that about q percent of the elements, the largest ones, pass without the
// bias that soft thresholding gives them. Both comparisons are strict: with q = 0,
// τ is the largest magnitude, nothing passes, and SS is soft thresholding; equal
// magnitudes at τ do not pass.
//
// # Method
//
// Percentile selects τ by Hoare's quickselect, in O(d) expected, and is an op of
// its own, so that Select and its gradients read it and the graph shows it. Top
// takes s elements, of equal magnitudes those with the lowest index.
//
// # Gradient
//
// Which elements pass is a constant of the gradient, as in the authors' code.
// Where |u| > θ,
//
//	∂L/∂u[i,j] = D[i,j]      ∂L/∂θ[j] = −Σᵢ D[i,j] sgn u[i,j] over what is shrunk
//
// and 0 elsewhere; nothing flows through τ.
//
// # Numerics
//
// A sample with a NaN has τ = NaN: nothing passes, and the NaN stays.
//
// # References
//
//  1. Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded ISTA and
//     its practical weights and thresholds. NeurIPS 2018, eq. 11–12; the
//     rounding is that of their code.
package support

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Percentile is the kernel of τ: input u (n×d), output n. It is not
// differentiable.
type Percentile struct {
	Q float64 // q, in percent, from 0 to 100
}

func (Percentile) Ranks() (in []int, out int) { return []int{2}, 1 }

func (k Percentile) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Q >= 0 && k.Q <= 100) {
		return nil, errors.Wrapf(opkit.ErrInput, "support: q is %v percent, want it from 0 to 100", k.Q)
	}
	return tensor.Shape{in[0][0]}, nil
}

// Scratch is the magnitudes, which selection reorders.
func (Percentile) Scratch(in []tensor.Shape) int             { return in[0][0] * in[0][1] }
func (k Percentile) Bind32(a *opkit.Args[float32]) opkit.Run { return bindPercentile(k, a) }
func (k Percentile) Bind64(a *opkit.Args[float64]) opkit.Run { return bindPercentile(k, a) }

// Select is the kernel of SS: inputs u (n×d), θ (d, or 1 for all columns) and τ
// (n), output n×d.
type Select struct{}

var _ opkit.Differentiable = Select{}

func (Select) Ranks() (in []int, out int) { return []int{2, 1, 1}, 2 }
func (Select) Wrt() []bool                { return []bool{true, true, false} }

func (Select) Shape(in []tensor.Shape) (tensor.Shape, error) {
	u, theta, tau := in[0], in[1], in[2]
	if theta[0] != u[1] && theta[0] != 1 || tau[0] != u[0] {
		return nil, errors.Wrapf(opkit.ErrInput, "support: u is %d×%d, θ has length %d and τ %d, want %d or 1, and %d", u[0], u[1], theta[0], tau[0], u[1], u[0])
	}
	return u.Clone(), nil
}

func (Select) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSelect(a) }
func (Select) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSelect(a) }

func (Select) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	du, err := opkit.Apply(inputGrad{}, dout, in[0], in[1])
	if err != nil {
		return nil, err
	}
	dtheta, err := opkit.Apply(thetaGrad{}, dout, in[0], in[1], in[2])
	return gorgonia.Nodes{du, dtheta, nil}, err
}

// inputGrad is the kernel of ∂L/∂u: inputs D (n×d), u (n×d) and θ, output n×d.
type inputGrad struct{}

func (inputGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 1}, 2 }
func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (inputGrad) InPlace() int                                  { return 0 }
func (inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindInputGrad(a) }
func (inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindInputGrad(a) }

// thetaGrad is the kernel of ∂L/∂θ: inputs D (n×d), u (n×d), θ, whose length its
// output has, and τ (n).
type thetaGrad struct{}

func (thetaGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 1, 1}, 1 }
func (thetaGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil }
func (thetaGrad) Workspace(in []tensor.Shape) int               { return in[0][0] * in[2][0] }
func (thetaGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindThetaGrad(a) }
func (thetaGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindThetaGrad(a) }

// Top is the kernel of Top_s: input u (n×d), output n×d.
type Top struct {
	S int // s, at least 1; more than d keeps all
}

var _ opkit.Differentiable = Top{}

func (Top) Ranks() (in []int, out int) { return []int{2}, 2 }
func (Top) Wrt() []bool                { return []bool{true} }

func (k Top) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.S < 1 {
		return nil, errors.Wrapf(opkit.ErrInput, "support: the %d largest, want at least 1", k.S)
	}
	return in[0].Clone(), nil
}

func (Top) Scratch(in []tensor.Shape) int             { return in[0][0] * in[0][1] }
func (k Top) Bind32(a *opkit.Args[float32]) opkit.Run { return bindTop(k, a) }
func (k Top) Bind64(a *opkit.Args[float64]) opkit.Run { return bindTop(k, a) }

func (Top) Grad(_ gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	du, err := opkit.Apply(kept{}, dout, out)
	return gorgonia.Nodes{du}, err
}

// kept is the kernel of ∂L/∂u of Top: inputs D and out, both n×d, output n×d.
type kept struct{}

func (kept) Ranks() (in []int, out int)                    { return []int{2, 2}, 2 }
func (kept) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (kept) InPlace() int                                  { return 0 }
func (kept) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindKept(a) }
func (kept) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindKept(a) }
