package data

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Normalized returns the samples of s transformed by n, on s's memory: the set on which to evaluate a model whose
// training samples were transformed by n last.
func (s *Set) Normalized(n Normalize) (*Set, error) {
	s = s.safe()
	if _, err := n.Shape(s.shape); err != nil {
		return nil, errors.WithMessage(err, "data")
	}
	t := *s
	t.x = normalized{s.x, n}
	return &t, nil
}

// NormalizeOf measures the mean and the standard deviation (of the population) of
// each channel, the first dimension of a sample. A channel that is constant, up to
// rounding, gets the standard deviation 1, as in scikit-learn: it becomes 0. Errors:
// ErrInput for a channel whose mean or deviation is beyond float64.
//
// Sums are of differences from the first number of a channel, and then from its mean, so that leading digits that all
// numbers share cost no accuracy, and a constant has deviation 0 exactly. Deviations of up to 4 units in the last
// place of the channel's largest number are rounding.
func NormalizeOf(s *Set) (n Normalize, err error) {
	s = s.safe()
	if s.Len() == 0 {
		return n, errors.Wrap(ErrInput, "data: normalize: no samples")
	}
	channels := 1
	if len(s.shape) > 0 {
		channels = s.shape[0]
	}
	d := s.x.width() / channels
	count := float64(d) * float64(s.Len())
	row := make([]float64, s.x.width())
	n = Normalize{Mean: make([]float64, channels), Std: make([]float64, channels)}
	first, most, size := make([]float64, channels), make([]float64, channels), make([]float64, channels)
	for i := range s.Len() {
		s.x.fill64(row, i)
		for k, v := range row {
			c := k / d
			if i == 0 && k%d == 0 {
				first[c] = v
			}
			n.Mean[c] += (v - first[c]) / count
			most[c] = max(most[c], math.Abs(v-first[c]))
			size[c] = max(size[c], math.Abs(v))
		}
	}
	for c := range channels {
		n.Mean[c] += first[c]
		if most[c] == 0 {
			most[c] = 1
		}
	}
	if err := s.x.err(); err != nil {
		return n, errors.WithMessage(err, "data: normalize")
	}
	for i := range s.Len() { // relative to the largest difference, whose square may be out of range
		s.x.fill64(row, i)
		for k, v := range row {
			u := (v - n.Mean[k/d]) / most[k/d]
			n.Std[k/d] += u * u / count
		}
	}
	if err := s.x.err(); err != nil {
		return n, errors.WithMessage(err, "data: normalize")
	}
	for c, v := range n.Std {
		if n.Std[c] = most[c] * math.Sqrt(v); n.Std[c]-n.Std[c] != 0 || n.Mean[c]-n.Mean[c] != 0 {
			return n, errors.Wrapf(ErrInput,
				"data: normalize: channel %d holds numbers up to %v: its deviations are beyond float64", c, size[c])
		}
		if n.Std[c] <= 4*0x1p-52*size[c] {
			n.Std[c] = 1
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
	d := r.width()
	switch dst.Dtype() {
	case tensor.Float32:
		x := dst.Float32s()[to*d : (to+1)*d]
		if r.n.far() || r.rows.beyond32() { // rounding to float32 comes last
			if row, scale, ok := r.rows.wide(from); ok {
				standardized(r.n, x, row, scale)
				return
			}
		}
		r.rows.fill(dst, to, from)
		normalize(r.n, x, x)
	case tensor.Float64:
		r.rows.fill(dst, to, from)
		x := dst.Float64s()[to*d : (to+1)*d]
		normalize(r.n, x, x)
	}
}

// far reports whether a channel is so far from 0, compared with its deviation, that float32 would lose digits of it.
func (t Normalize) far() bool {
	for c, m := range t.Mean {
		if !(math.Abs(m) <= 4*t.Std[c] && math.Abs(m) < math.MaxFloat32 && t.Std[c] > 0x1p-120) {
			return true
		}
	}
	return false
}

// standardized stores (scale·src − mean)/std, computed in float64.
func standardized[T float32 | float64](t Normalize, dst []T, src []float64, scale float64) {
	d := len(src) / len(t.Mean)
	for c, mean := range t.Mean {
		for i, v := range src[c*d : (c+1)*d] {
			dst[c*d+i] = T((scale*v - mean) / t.Std[c])
		}
	}
}

func (r normalized) fill64(dst []float64, from int) {
	r.rows.fill64(dst, from)
	normalize(r.n, dst, dst)
}

// wide implements rows: what is stored is not what r returns.
func (r normalized) wide(int) (row []float64, scale float64, ok bool) { return nil, 0, false }

func (r normalized) rowsAt(indices []int) rows { return normalized{r.rows.rowsAt(indices), r.n} }
