// Package prox has the thresholds and proximal steps beside nn.SoftThreshold: hard ones,
// those with support selection, and one threshold a sample.
package prox

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/amp"
	"github.com/whitebox-nn/whitebox/internal/op/hard"
	"github.com/whitebox-nn/whitebox/internal/op/support"
	"github.com/whitebox-nn/whitebox/op"
)

// Hard returns u where |u| ≥ θ and 0 elsewhere, with a ramp of the width
// σθ below θ:
//
//	out = u                              where |u| ≥ θ
//	      sgn(u)·(|u| − (1−σ)θ)/σ        where (1−σ)θ < |u| < θ
//	      0                              elsewhere
//
// Shapes: u n×d; theta d, or 1 for all columns, 0 or above; out n×d. Differentiable
// in both; with σ = 0 the gradient of θ is 0. Errors: σ outside [0, 1]
// (op.ErrInput). See package hard.
func Hard(u, theta *gorgonia.Node, sigma float64) (*gorgonia.Node, error) {
	return op.Apply(hard.Hard{Sigma: sigma}, u, theta)
}

// Select returns SS_{θ,q}(u): soft thresholding by θ but for about q
// percent of the elements of each sample, the largest ones, which pass as they are.
//
//	out[i,j] = u[i,j]             where |u[i,j]| > θ[j] and |u[i,j]| > τᵢ
//	           S_θ[j](u[i,j])     elsewhere
//
// τᵢ is the magnitude at index (d−1)(1 − q/100), rounded, halves to even, of the sample's d in ascending order, so
// that with q = 0 no element passes.
//
// Shapes: u n×d; theta d, or 1 for all columns; out n×d. q is in percent, from 0 to
// 100. Differentiable in u and theta, where what passes is a constant. Errors: q
// out of range, shapes (op.ErrInput). See package support.
func Select(u, theta *gorgonia.Node, q float64) (*gorgonia.Node, error) {
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
// < 1 (op.ErrInput).
func KeepLargest(u *gorgonia.Node, s int) (*gorgonia.Node, error) {
	return op.Apply(support.Top{S: s}, u)
}

// SoftRows is nn.SoftThreshold with a threshold for each sample. Shapes: u
// n×d, theta n, 0 or above; out n×d. Differentiable in both.
func SoftRows(u, theta *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(amp.SoftRows{}, u, theta)
}
