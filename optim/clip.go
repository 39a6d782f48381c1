package optim

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// ClipNorm scales all updates together so that their norm, as one vector, is at
// most Max:
//
//	u ← u · min(1, Max/(‖u‖ + 1e-6))
//
// It is torch's clip_grad_norm_, with its 1e-6. Rounding does not take the norm
// above Max: what is clipped is shorter by another 1.2e-7 (float32) or 1e-12
// (float64) of its length. A norm that is not finite is an error that wraps
// ErrNotFinite.
//
// Reference: Pascanu, Mikolov, Bengio. On the difficulty of training recurrent
// neural networks. ICML 2013, algorithm 1.
type ClipNorm struct {
	Max float64 // the largest norm, above 0
}

// Start implements Starter.
func (c ClipNorm) Start([]*nn.Param) error {
	if !(c.Max > 0) {
		return errors.Errorf("ClipNorm's Max is %v, want it above 0", c.Max)
	}
	return nil
}

// Update implements Transform.
func (c ClipNorm) Update(_ int, u []*tensor.Dense, _ []*nn.Param) error {
	norm := Norm(u)
	if norm-norm != 0 {
		return errors.Wrapf(ErrNotFinite, "the norm of all updates is %v", norm)
	}
	factor := c.Max / (norm + 1e-6)
	if factor >= 1 {
		return nil
	}
	margin := 1e-12
	for _, t := range u {
		if t.Dtype() == tensor.Float32 {
			margin = 0x1p-23
		}
	}
	scaleAll(u, factor*(1-margin))
	return nil
}

// Norm returns the Euclidean norm of ts taken together as one vector, summed in
// float64. It neither overflows nor underflows on the way; it is NaN if an
// element is NaN, and else infinite if one is.
func Norm(ts []*tensor.Dense) float64 {
	sum := sumOf(ts, 1)
	if sum > 1e-280 && sum <= math.MaxFloat64 {
		return math.Sqrt(sum)
	}
	hi := 0.0
	for _, t := range ts {
		switch t.Dtype() {
		case tensor.Float32:
			hi = max(hi, largest(t.Float32s()))
		case tensor.Float64:
			hi = max(hi, largest(t.Float64s()))
		}
	}
	if hi == 0 || hi-hi != 0 {
		return hi
	}
	_, exp := math.Frexp(hi) // a power of two scales exactly
	exp = min(max(exp, -1000), 1000)
	return math.Ldexp(math.Sqrt(sumOf(ts, math.Ldexp(1, -exp))), exp)
}

// sumOf returns Σ (a·x)² over all elements.
func sumOf(ts []*tensor.Dense, a float64) (sum float64) {
	for _, t := range ts {
		switch t.Dtype() {
		case tensor.Float32:
			sum += squares(t.Float32s(), a)
		case tensor.Float64:
			sum += squares(t.Float64s(), a)
		}
	}
	return sum
}

// ClipValue moves each element of the updates into [−Max, Max]. NaN stays NaN.
type ClipValue struct {
	Max float64 // the largest magnitude, above 0
}

// Start implements Starter.
func (c ClipValue) Start([]*nn.Param) error {
	if !(c.Max > 0) {
		return errors.Errorf("ClipValue's Max is %v, want it above 0", c.Max)
	}
	return nil
}

// Update implements Transform.
func (c ClipValue) Update(_ int, u []*tensor.Dense, _ []*nn.Param) error {
	for _, t := range u {
		switch t.Dtype() {
		case tensor.Float32:
			clamp(t.Float32s(), float32(c.Max))
		case tensor.Float64:
			clamp(t.Float64s(), c.Max)
		}
	}
	return nil
}
