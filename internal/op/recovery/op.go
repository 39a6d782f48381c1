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
// Sums is one pass over both, whatever is made of it; the figures read its
// numbers. They are measurements: not differentiable, and what the data decide is no
// error: z* = 0 has an NMSE of +Inf or NaN. Package nmse is the loss.
//
// # Numerics
//
// Sums and figures are float64 in every graph, and right for codes of any magnitude of
// float64, whose squares are not: see lin.Squares. Sums run in chunks of fixed size that
// are added in order: the same bits on any number of workers. Bound by memory.
//
// # References
//
// Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded ISTA and its
// practical weights and thresholds. NeurIPS 2018, sec. 4.1, for the NMSE.
package recovery

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// What Sums holds, by index.
const (
	wrong  = iota // Σ(z − z*)², of terms of usual magnitudes
	energy        // Σ z*², likewise
	found         // ‖z‖₀
	there         // ‖z*‖₀
	both          // ‖z ∧ z*‖₀

	wrongBig    // Σ(z − z*)² of terms from 2¹⁰⁰⁰ on, times 2⁻¹²⁰⁰
	wrongSmall  // and of terms below 2⁻¹⁰⁰⁰, times 2¹²⁰⁰: see lin.Squares
	energyBig   // Σ z*², likewise
	energySmall //

	numbers // how many there are
)

// Sums is the op of what all figures are made of: inputs z and z* (n×d), output
// 9, wide: Σ(z − z*)², Σ z*², ‖z‖₀, ‖z*‖₀, ‖z ∧ z*‖₀, and what of the first two is out
// of float64's range.
type Sums struct{}

// Spec implements op.Op.
func (k Sums) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{2, 2},
		WideOut:   true,
		Kernel:    op.Both(k, bindSums, bindSums),
		Shape:     k.shape,
		Workspace: func(in []tensor.Shape) int { return numbers * (in[0].TotalSize()/grain + 1) },
		FLOPs:     func(in []tensor.Shape) int64 { return 5 * int64(in[0].TotalSize()) },
		Device:    k.device,
	}
}

func (Sums) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) {
		return nil, op.Errorf("recovery: the codes are %v but the true ones %v", in[0], in[1])
	}
	return tensor.Shape{numbers}, nil
}

// NMSE is the op of the NMSE in dB: input Sums, output a scalar, wide.
type NMSE struct{}

// Precision is the op of the precision: input Sums, output a scalar, wide.
type Precision struct{}

// Recall is the op of the recall: input Sums, output a scalar, wide.
type Recall struct{}

// Spec implements op.Op.
func (k NMSE) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Wide(1)},
		WideOut: true,
		Kernel:  op.Both(k, bindNMSE, bindNMSE),
		Shape:   figure,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "decibels", launch.Elements(1), a.Y(), a.X(0))
		},
	}
}

// Spec implements op.Op.
func (k Precision) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Wide(1)},
		WideOut: true,
		Kernel:  op.Both(k, bindPrecision, bindPrecision),
		Shape:   figure,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "share", launch.Elements(1), a.Y(), a.X(0), launch.I(found))
		},
	}
}

// Spec implements op.Op.
func (k Recall) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Wide(1)},
		WideOut: true,
		Kernel:  op.Both(k, bindRecall, bindRecall),
		Shape:   figure,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "share", launch.Elements(1), a.Y(), a.X(0), launch.I(there))
		},
	}
}

// figure checks that the input is Sums.
func figure(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][0] != numbers {
		return nil, op.Errorf("recovery: %d numbers, want the %d of Sums", in[0][0], numbers)
	}
	return tensor.ScalarShape(), nil
}
