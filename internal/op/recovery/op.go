// Package recovery is how well codes z, n×d, recover the true ones z*, n×d.
//
//	NMSE         10 log₁₀(Σ(z − z*)² / Σ z*²), in dB
//	Precision    ‖z ∧ z*‖₀ / ‖z‖₀      the share of the support of z that is right
//	Recall       ‖z ∧ z*‖₀ / ‖z*‖₀     the share of the support of z* that is found
//
// ‖z ∧ z*‖₀ counts the elements that are 0 in neither. Sums and counts are over the
// whole batch; a share of nothing is 1.
//
// # Method
//
// Sums is one pass over both, whatever is made of it; the figures read its five
// numbers. They are measurements: not differentiable, and what the data decide is no
// error: z* = 0 has an NMSE of +Inf or NaN. Package nmse is the loss.
//
// # Numerics
//
// Sums and figures are float64 in every graph. Sums run in chunks of fixed size that
// are added in order: the same bits on any number of workers. Bound by memory.
//
// # References
//
// Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded ISTA and its
// practical weights and thresholds. NeurIPS 2018, sec. 4.1, for the NMSE.
package recovery

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// What Sums holds, by index.
const (
	wrong   = iota // Σ(z − z*)²
	energy         // Σ z*²
	found          // ‖z‖₀
	there          // ‖z*‖₀
	both           // ‖z ∧ z*‖₀
	numbers        // how many there are
)

// Sums is the kernel of what all figures are made of: inputs z and z* (n×d), output
// 5, wide: Σ(z − z*)², Σ z*², ‖z‖₀, ‖z*‖₀ and ‖z ∧ z*‖₀.
type Sums struct{}

var _ opkit.Wide = Sums{}

func (Sums) Ranks() (in []int, out int)              { return []int{2, 2}, 1 }
func (Sums) Wide() (in []bool, out bool)             { return []bool{false, false}, true }
func (Sums) Workspace(in []tensor.Shape) int         { return numbers * (in[0].TotalSize()/grain + 1) }
func (Sums) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSums(a) }
func (Sums) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSums(a) }
func (Sums) FLOPs(in []tensor.Shape) int64           { return 5 * int64(in[0].TotalSize()) }
func (Sums) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) {
		return nil, errors.Wrapf(opkit.ErrInput, "recovery: the codes are %v but the true ones %v", in[0], in[1])
	}
	return tensor.Shape{numbers}, nil
}

// NMSE is the kernel of the NMSE in dB: input Sums, output a scalar, wide.
type NMSE struct{}

// Precision is the kernel of the precision: input Sums, output a scalar, wide.
type Precision struct{}

// Recall is the kernel of the recall: input Sums, output a scalar, wide.
type Recall struct{}

var _, _, _ opkit.Wide = NMSE{}, Precision{}, Recall{}

func (NMSE) Ranks() (in []int, out int)      { return []int{1}, 0 }
func (Precision) Ranks() (in []int, out int) { return []int{1}, 0 }
func (Recall) Ranks() (in []int, out int)    { return []int{1}, 0 }

func (NMSE) Wide() (in []bool, out bool)      { return []bool{true}, true }
func (Precision) Wide() (in []bool, out bool) { return []bool{true}, true }
func (Recall) Wide() (in []bool, out bool)    { return []bool{true}, true }

func (NMSE) Shape(in []tensor.Shape) (tensor.Shape, error)      { return figure(in) }
func (Precision) Shape(in []tensor.Shape) (tensor.Shape, error) { return figure(in) }
func (Recall) Shape(in []tensor.Shape) (tensor.Shape, error)    { return figure(in) }

func (NMSE) Bind32(a *opkit.Args[float32]) opkit.Run      { return bind(a, decibels) }
func (NMSE) Bind64(a *opkit.Args[float64]) opkit.Run      { return bind(a, decibels) }
func (Precision) Bind32(a *opkit.Args[float32]) opkit.Run { return bind(a, precision) }
func (Precision) Bind64(a *opkit.Args[float64]) opkit.Run { return bind(a, precision) }
func (Recall) Bind32(a *opkit.Args[float32]) opkit.Run    { return bind(a, recall) }
func (Recall) Bind64(a *opkit.Args[float64]) opkit.Run    { return bind(a, recall) }

// figure checks that the input is Sums.
func figure(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][0] != numbers {
		return nil, errors.Wrapf(opkit.ErrInput, "recovery: %d numbers, want the %d of Sums", in[0][0], numbers)
	}
	return tensor.ScalarShape(), nil
}
