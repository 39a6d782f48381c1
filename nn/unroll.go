package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/amp"
	"github.com/whitebox-nn/whitebox/internal/op/gain"
	"github.com/whitebox-nn/whitebox/internal/op/hard"
	"github.com/whitebox-nn/whitebox/internal/op/support"
	"github.com/whitebox-nn/whitebox/internal/op/unroll"
	"github.com/whitebox-nn/whitebox/op"
)

// AddLinear returns b + c·v Wᵀ.
//
// Shapes: b n×d; v n×k, one sample a row; w d×k; out n×d. Differentiable in all.
// Errors: shapes that do not fit, c not finite (ErrInput). Cost: 2nkd flops, 4nkd
// for the gradients, and one pass over memory; see package unroll.
func AddLinear(b, v, w *gorgonia.Node, c float64) (*gorgonia.Node, error) {
	return op.Apply(unroll.Affine{C: c}, b, v, w)
}

// ThresholdStep returns S_θ(b + c·v Wᵀ), an iteration of ISTA or LISTA, with S_θ as
// in SoftThreshold.
//
// Shapes: b n×d; v n×k, one sample a row; w d×k; theta d, or 1 for all columns; out
// n×d. Differentiable in all; 0 at the kink. Errors and cost: as AddLinear. See
// package unroll.
func ThresholdStep(b, v, w, theta *gorgonia.Node, c float64) (*gorgonia.Node, error) {
	return op.Apply(unroll.Step{C: c}, b, v, w, theta)
}

// SelectThreshold returns SS_{θ,q}(u): soft thresholding by θ but for about q
// percent of the elements of each sample, the largest ones, which pass as they are.
//
//	out[i,j] = u[i,j]             where |u[i,j]| > θ[j] and |u[i,j]| > τᵢ
//	           S_θ[j](u[i,j])     elsewhere
//
// τᵢ is the magnitude at index (d−1)(1 − q/100), rounded, halves to even, of the
// sample's d in ascending order, so that q = 0 lets nothing pass.
//
// Shapes: u n×d; theta d, or 1 for all columns; out n×d. q is in percent, from 0 to
// 100. Differentiable in u and theta, where what passes is a constant. Errors: q
// out of range, shapes (ErrInput). See package support.
func SelectThreshold(u, theta *gorgonia.Node, q float64) (*gorgonia.Node, error) {
	tau, err := op.Apply(support.Percentile{Q: q}, u)
	if err != nil {
		return nil, err
	}
	return op.Apply(support.Select{}, u, theta, tau)
}

// KeepLargest returns u with all but the s largest magnitudes of each sample set to
// 0; of equal ones the first are kept.
//
// Shapes: u and out n×d. Differentiable, where what is kept is a constant. Errors: s
// < 1 (ErrInput).
func KeepLargest(u *gorgonia.Node, s int) (*gorgonia.Node, error) {
	return op.Apply(support.Top{S: s}, u)
}

// HardThreshold returns u where |u| ≥ θ and 0 elsewhere, with a ramp of the width
// σθ below θ:
//
//	out = u                              where |u| ≥ θ
//	      sgn(u)·(|u| − (1−σ)θ)/σ        where (1−σ)θ < |u| < θ
//	      0                              elsewhere
//
// Shapes: u n×d; theta d, or 1 for all columns, 0 or above; out n×d. Differentiable
// in both; with σ = 0 the gradient of θ is 0. Errors: σ outside [0, 1]
// (ErrInput). See package hard.
func HardThreshold(u, theta *gorgonia.Node, sigma float64) (*gorgonia.Node, error) {
	return op.Apply(hard.Hard{Sigma: sigma}, u, theta)
}

// SoftThresholdRows is SoftThreshold with a threshold for each sample. Shapes: u
// n×d, theta n, 0 or above; out n×d. Differentiable in both.
func SoftThresholdRows(u, theta *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(amp.SoftRows{}, u, theta)
}

// RootMeanSquare returns √(Σⱼ vᵢⱼ²/m) for each sample. Shapes: v n×m, out n.
// Differentiable; 0 where v is 0.
func RootMeanSquare(v *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(amp.RootMeanSquare{}, v)
}

// DensityBy returns ‖zᵢ‖₀/m, the number of elements of each sample that are not 0 by
// m. Shapes: z n×d, out n. It is not differentiable: a constant of the gradient.
func DensityBy(z *gorgonia.Node, m int) (*gorgonia.Node, error) {
	return op.Apply(amp.Density{M: m}, z)
}

// Times returns α·x for a learned number α; see Scale for a constant. Shapes: x of
// rank 1 or more, alpha 1, out as x. Differentiable in both.
func Times(x, alpha *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 1 {
		return nil, errors.Wrap(ErrInput, "nn: times: want x of rank 1 or more")
	}
	return op.Apply(gain.Times{}, x, alpha)
}

// GainGate returns x ⊙ (1 + μ·exp(−κ|x|)). Shapes: x and out n×d; mu, kappa 1.
// Differentiable in all. See package gain.
func GainGate(x, mu, kappa *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(gain.Gate{}, x, mu, kappa)
}

// Overshoot returns y + a·(y − x)/(|y − x| + ε), element by element. Shapes: y, x and
// out n×d; a 1. Differentiable in all. Errors: ε ≤ 0 (ErrInput). See package gain.
func Overshoot(y, x, a *gorgonia.Node, eps float64) (*gorgonia.Node, error) {
	return op.Apply(gain.Overshoot{Eps: eps}, y, x, a)
}
