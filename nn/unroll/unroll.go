// Package unroll has the steps that unrolled sparse coders are made of, beyond the
// thresholds of package prox: those of LISTA, LAMP and GLISTA.
package unroll

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/amp"
	"github.com/whitebox-nn/whitebox/internal/op/gate"
	"github.com/whitebox-nn/whitebox/internal/op/unroll"
	"github.com/whitebox-nn/whitebox/op"
)

// ThresholdStep returns S_θ(b + c·v Wᵀ), an iteration of ISTA or LISTA, with S_θ as
// in nn.SoftThreshold.
//
// Shapes: b n×d; v n×k, one sample a row; w d×k; theta d, or 1 for all columns; out
// n×d. Differentiable in all; 0 at the kink. Errors and cost: as nn.AddLinear. See
// package unroll.
func ThresholdStep(b, v, w, theta *gorgonia.Node, c float64) (*gorgonia.Node, error) {
	return op.Apply(unroll.Step{C: c}, b, v, w, theta)
}

// RootMeanSquare returns √(Σⱼ vᵢⱼ²/m) for each sample. Shapes: v n×m, out n.
// Differentiable; 0 where v is 0.
func RootMeanSquare(v *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(amp.RootMeanSquare{}, v)
}

// Density returns ‖zᵢ‖₀/m, the number of elements of each sample that are not 0 by
// m. Shapes: z n×d, out n. It is not differentiable: a constant of the gradient.
func Density(z *gorgonia.Node, m int) (*gorgonia.Node, error) {
	return op.Apply(amp.Density{M: m}, z)
}

// GainGate returns x ⊙ (1 + μ·exp(−κ|x|)). Shapes: x and out n×d; mu, kappa 1.
// Differentiable in all. See package gate.
func GainGate(x, mu, kappa *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(gate.Gate{}, x, mu, kappa)
}

// Overshoot returns y + a·(y − x)/(|y − x| + ε), element by element. Shapes: y, x and
// out n×d; a 1. Differentiable in all. Errors: ε ≤ 0 (op.ErrInput). See package gate.
func Overshoot(y, x, a *gorgonia.Node, eps float64) (*gorgonia.Node, error) {
	return op.Apply(gate.Overshoot{Eps: eps}, y, x, a)
}
