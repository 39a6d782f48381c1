package data

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Normalized returns the samples of s after n, on s's memory: what a model is
// evaluated on that was trained on samples that end with the Transform n.
func (s *Set) Normalized(n Normalize) (*Set, error) {
	if _, err := n.Shape(s.shape); err != nil {
		return nil, errors.WithMessage(err, "data")
	}
	t := *s
	t.x = normalized{s.x, n}
	return &t, nil
}

// NormalizeOf measures the mean and the standard deviation (of the population) of
// each channel, the first dimension of a sample. Errors: ErrInput for a channel
// that is constant.
func NormalizeOf(s *Set) (n Normalize, err error) {
	channels := 1
	if len(s.shape) > 0 {
		channels = s.shape[0]
	}
	d := s.x.width() / channels
	count := float64(d) * float64(s.Len())
	row := make([]float64, s.x.width())
	n = Normalize{Mean: make([]float64, channels), Std: make([]float64, channels)}
	for i := range s.Len() {
		s.x.fill64(row, i)
		for k, v := range row {
			n.Mean[k/d] += v / count
		}
	}
	for i := range s.Len() { // about the mean, which loses no digits
		s.x.fill64(row, i)
		for k, v := range row {
			n.Std[k/d] += (v - n.Mean[k/d]) * (v - n.Mean[k/d]) / count
		}
	}
	for c, v := range n.Std {
		if n.Std[c] = math.Sqrt(v); v == 0 {
			return n, errors.Wrapf(ErrInput, "data: normalize: channel %d is %v everywhere", c, n.Mean[c])
		}
	}
	return n, nil
}

// normalized are rows after a Normalize.
type normalized struct {
	rows
	n Normalize
}

func (r normalized) fill(dst *tensor.Dense, to, from int) {
	r.rows.fill(dst, to, from)
	d := r.width()
	switch dst.Dtype() {
	case tensor.Float32:
		x := dst.Float32s()[to*d : (to+1)*d]
		normalize(r.n, x, x)
	case tensor.Float64:
		x := dst.Float64s()[to*d : (to+1)*d]
		normalize(r.n, x, x)
	}
}

func (r normalized) fill64(dst []float64, from int) {
	r.rows.fill64(dst, from)
	normalize(r.n, dst, dst)
}

func (r normalized) pick(indices []int) rows { return normalized{r.rows.pick(indices), r.n} }
