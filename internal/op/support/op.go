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
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Percentile is the op of τ: input u (n×d), output n. It is not
// differentiable.
type Percentile struct {
	Q float64 // q, in percent, from 0 to 100
}

// Spec implements op.Op.
func (k Percentile) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2},
		Kernel: op.Both(k, bindPercentile, bindPercentile),
		Shape:  k.shape,
		// Scratch is the magnitudes, which selection reorders.
		Scratch: func(in []tensor.Shape) int { return in[0][0] * in[0][1] },
		Device:  k.device,
	}
}

func (k Percentile) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Q >= 0 && k.Q <= 100) {
		return nil, op.Errorf("support: q is %v percent, want it from 0 to 100", k.Q)
	}
	return tensor.Shape{in[0][0]}, nil
}

// Select is the op of SS: inputs u (n×d), θ (d, or 1 for all columns) and τ
// (n), output n×d.
type Select struct{}

// Spec implements op.Op.
func (k Select) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 1, 1},
		Kernel: op.Both(k, bindSelect, bindSelect),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			du := op.Must(op.Apply(inputGrad{}, dout, in[0], in[1]))
			return gorgonia.Nodes{du, op.Must(op.Apply(thetaGrad{}, dout, in[0], in[1], in[2])), nil}
		},
		Wrt:    []bool{true, true, false},
		Device: k.device,
	}
}

func (Select) shape(in []tensor.Shape) (tensor.Shape, error) {
	u, theta, tau := in[0], in[1], in[2]
	if theta[0] != u[1] && theta[0] != 1 || tau[0] != u[0] {
		return nil, op.Errorf("support: u is %d×%d, θ has length %d and τ %d, want %d or 1, and %d", u[0], u[1],
			theta[0], tau[0], u[1], u[0])
	}
	return u.Clone(), nil
}

// inputGrad is the op of ∂L/∂u: inputs D (n×d), u (n×d) and θ, output n×d.
type inputGrad struct{}

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2, 1},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindInputGrad, bindInputGrad),
		Device:  k.device,
	}
}

// thetaGrad is the op of ∂L/∂θ: inputs D (n×d), u (n×d), θ, whose length its
// output has, and τ (n).
type thetaGrad struct{}

func (k thetaGrad) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{2, 2, 1, 1},
		Kernel:    op.Both(k, bindThetaGrad, bindThetaGrad),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Workspace: func(in []tensor.Shape) int { return in[0][0] * in[2][0] },
		Device:    k.device,
	}
}

// Top is the op of Top_s: input u (n×d), output n×d.
type Top struct {
	S int // s, at least 1; more than d keeps all
}

// Spec implements op.Op.
func (k Top) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2},
		Kernel: op.Both(k, bindTop, bindTop),
		Shape:  k.shape,
		Grad: func(_ gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(kept{}, dout, out))}
		},
		Scratch:       func(in []tensor.Shape) int { return in[0][0] * in[0][1] },
		Device:        k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) { return 8 * a.Shapes[0][0], nil },
	}
}

func (k Top) shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.S < 1 {
		return nil, op.Errorf("support: the %d largest, want at least 1", k.S)
	}
	return in[0].Clone(), nil
}

// kept is the op of ∂L/∂u of Top: inputs D and out, both n×d, output n×d.
type kept struct{}

func (k kept) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindKept, bindKept),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "kept", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
		},
	}
}
