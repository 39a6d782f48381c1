package optim

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
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
func (c ClipNorm) Update(_ int, u []*tensor.Dense, p []*nn.Param) error {
	if err := first(c.Start(p), checkFloats("ClipNorm", u)); err != nil {
		return err
	}
	single := false
	for _, t := range u {
		single = single || t.Dtype() == tensor.Float32
	}
	factor, err := c.factor(Norm(u), single)
	if err != nil || factor >= 1 {
		return err
	}
	scaleAll(u, factor)
	return nil
}

// checks measures the norm, since a norm that is not finite has to stop the step.
func (c ClipNorm) checks(p []*nn.Param) []check {
	single := slices.ContainsFunc(p, func(q *nn.Param) bool { return q.Value.Dtype() == tensor.Float32 })
	numbers := func(_ int, dst []float64) { dst[0], dst[1] = c.Max, margin(single) }
	return []check{newCheck(update.Norm, p, nil, 2, numbers, func(f *update.Found, _ *nn.Param, _ int) error {
		return normIs(f.Value)
	})}
}

func (c ClipNorm) rule() Rule { return stepOf(update.Clip, 1, nil, func(int, []float64) {}) }

// factor returns what to multiply updates of that norm by, some of them float32; 1
// is nothing.
func (c ClipNorm) factor(norm float64, single bool) (float64, error) {
	if factor := update.Clipping(c.Max, norm, margin(single)); factor == factor {
		return factor, nil
	}
	return 0, normIs(norm)
}

func normIs(norm float64) error {
	return errors.Wrapf(ErrNotFinite, "the norm of all updates is %v", norm)
}

// margin is how much shorter rounding may make an update than it should be.
func margin(single bool) float64 {
	if single {
		return 0x1p-23
	}
	return 1e-12
}

// Norm returns the Euclidean norm of ts taken together as one vector, summed in float64. It neither overflows nor
// underflows on the way; it is NaN if an element is NaN, and else infinite if one is. Tensors that are nil or not of
// floats count as 0.
func Norm(ts []*tensor.Dense) float64 {
	if checkFloats("", ts) != nil {
		ts = slices.DeleteFunc(slices.Clone(ts), func(t *tensor.Dense) bool {
			return checkFloats("", []*tensor.Dense{t}) != nil
		})
	}
	sum := sumOf(ts, 1)
	if update.Safe(sum) {
		return math.Sqrt(sum)
	}
	hi := 0.0
	for _, t := range ts {
		switch t.Dtype() {
		case tensor.Float32:
			hi = max(hi, update.Magnitude(t.Float32s()))
		case tensor.Float64:
			hi = max(hi, update.Magnitude(t.Float64s()))
		}
	}
	if hi == 0 || hi-hi != 0 {
		return hi
	}
	exp := update.Exponent(hi)
	return math.Ldexp(math.Sqrt(sumOf(ts, math.Ldexp(1, -exp))), exp)
}

// sumOf returns Σ (a·x)² over all elements.
func sumOf(ts []*tensor.Dense, a float64) (sum float64) {
	for _, t := range ts {
		switch t.Dtype() {
		case tensor.Float32:
			sum += update.SumSquares(t.Float32s(), a)
		case tensor.Float64:
			sum += update.SumSquares(t.Float64s(), a)
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
func (c ClipValue) Update(_ int, u []*tensor.Dense, p []*nn.Param) error {
	if err := first(c.Start(p), checkFloats("ClipValue", u)); err != nil {
		return err
	}
	for _, t := range u {
		switch t.Dtype() {
		case tensor.Float32:
			update.Limit(t.Float32s(), float32(c.Max))
		case tensor.Float64:
			update.Limit(t.Float64s(), c.Max)
		}
	}
	return nil
}

func (c ClipValue) rule() Rule {
	return stepOf(update.Clamp, 1, nil, func(_ int, dst []float64) { dst[0] = c.Max })
}
