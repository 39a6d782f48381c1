package data

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Weighted is a [Source] whose samples have weights in the loss. Next writes them to the last column of y, which
// has one column more than the targets: batch×2 with classes.
type Weighted interface {
	Source
	HasWeights() bool
}

var (
	_ Weighted = (*Batches)(nil)
	_ Weighted = (*Balanced)(nil)
	_ Weighted = (*Augmented)(nil)
	_ Weighted = (*Prefetch)(nil)
	_ Weighted = (*Reconstruct)(nil)
)

// HasWeights reports whether the samples of s have weights.
func HasWeights(s Source) bool {
	w, ok := s.(Weighted)
	return ok && w.HasWeights()
}

// WithWeights returns the samples of s with weights in the loss: a sample of weight 2 counts as
// if it were there twice, one of 0 not at all. Nil takes them away. Sources of such a set are
// Weighted, and losses that take weights are losses.Weigher.
//
// Errors: ErrInput for another number of them, one below 0 or not finite, or none above 0.
func (s *Set) WithWeights(weights []float64) (*Set, error) {
	s = s.safe()
	t := *s
	if weights == nil {
		t.weights = nil
		return &t, nil
	}
	if len(weights) != s.Len() {
		return nil, errors.Wrapf(ErrInput, "data: with weights: %d weights for %d samples", len(weights), s.Len())
	}
	most := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, errors.Wrapf(ErrInput, "data: with weights: the weight of sample %d is %v, want it 0 or "+
				"above", i, w)
		}
		most = max(most, w)
	}
	if most == 0 {
		return nil, errors.Wrap(ErrInput, "data: with weights: no weight is above 0")
	}
	t.weights = append([]float64(nil), weights...)
	return &t, nil
}

// Weights returns a copy of the weights of all samples, nil if they have none.
func (s *Set) Weights() []float64 { return append([]float64(nil), s.safe().weights...) }

// batchTarget returns the shape of a row of y in a batch: that of a target and, beside it, a weight.
func (s *Set) batchTarget() []int {
	if s.weights == nil {
		return s.target
	}
	return []int{size(s.target) + 1}
}

// gatherWeighted writes the target and the weight of a sample to row to of y.
func (s *Set) gatherWeighted(y *tensor.Dense, to, from int) error {
	d := size(s.target)
	lo := to * (d + 1)
	if y.Dtype() == tensor.Float64 {
		row := y.Float64s()[lo : lo+d+1]
		if row[d] = s.weights[from]; s.targets == nil {
			row[0] = float64(s.labels[from])
		} else {
			s.targets.fill64(row[:d], from)
		}
		return nil
	}
	row := y.Float32s()[lo : lo+d+1]
	if row[d] = float32(s.weights[from]); s.targets == nil {
		row[0] = float32(s.labels[from])
	} else {
		wide := make([]float64, d)
		s.targets.fill64(wide, from)
		for k, v := range wide {
			row[k] = float32(v)
		}
	}
	for k, v := range row {
		if v-v != 0 || k == d && v == 0 && s.weights[from] != 0 {
			return errors.Wrapf(ErrInput, "the target or the weight of sample %d is %v in float32: scale it, or "+
				"compute in float64", from, v)
		}
	}
	return nil
}

// HasWeights implements Weighted.
func (b *Batches) HasWeights() bool { return zero(b).set.safe().weights != nil }

// HasWeights implements Weighted.
func (b *Balanced) HasWeights() bool { return zero(b).set.safe().weights != nil }

// HasWeights implements Weighted.
func (a *Augmented) HasWeights() bool { return HasWeights(zero(a).src) }

// HasWeights implements Weighted.
func (p *Prefetch) HasWeights() bool { return HasWeights(zero(p).src) }

// HasWeights implements Weighted: the targets are the samples, without weights.
func (r *Reconstruct) HasWeights() bool { return false }
