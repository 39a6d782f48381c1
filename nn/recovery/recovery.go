// Package recovery measures how well sparse codes recover the true ones.
package recovery

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/nmse"
	"github.com/whitebox-nn/whitebox/internal/op/recovery"
	"github.com/whitebox-nn/whitebox/op"
)

// Measure returns how well the codes z recover the true ones z*, over the batch:
//
//	nmse        10 log₁₀(Σ(z − z*)² / Σ z*²), in dB
//	precision   ‖z ∧ z*‖₀ / ‖z‖₀, the share of the support of z that is right
//	recall      ‖z ∧ z*‖₀ / ‖z*‖₀, the share of the support of z* that is found
//
// where a share of nothing is 1. They are measurements for probes: they are not differentiable, and no data are an
// error; if z* is 0, nmse is +Inf or NaN. [NMSE] is the loss.
//
// Shapes: z and target n×d; out scalars, float64 in every graph. Cost: one pass over
// both for all three. See package recovery.
func Measure(z, target *gorgonia.Node) (nmse, precision, recall *gorgonia.Node, err error) {
	defer build.Catch(&err, "recovery")
	sums := build.Must(op.Apply(recovery.Sums{}, z, target))
	nmse = build.Must(op.Apply(recovery.NMSE{}, sums))
	precision = build.Must(op.Apply(recovery.Precision{}, sums))
	recall = build.Must(op.Apply(recovery.Recall{}, sums))
	return nmse, precision, recall, nil
}

// NMSE returns Σ (z − t)² / Σ t², or that in decibels, 10 log₁₀ of it. Shapes: z and
// target n×d, out a scalar. Differentiable in z. Errors: at the run, a target of
// zeros (op.ErrInput).
func NMSE(z, target *gorgonia.Node, db bool) (*gorgonia.Node, error) {
	return op.Apply(nmse.NMSE{DB: db}, z, target)
}
