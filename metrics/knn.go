package metrics

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// KNN configures the classifier by a majority among the K samples of the largest
// cosine similarity. Of two classes with as many votes, the one whose votes are
// more similar wins. Rows that are 0 have similarity 0 to everything.
type KNN struct {
	K int // neighbours, at most all samples; 0 is 5
}

// Neighbours is a fitted KNN.
type Neighbours struct {
	unit    *mat.Dense
	labels  []int
	classes int
	k       int
}

// Fit remembers the samples. Errors: K out of range.
func (c KNN) Fit(z *mat.Dense, labels []int, k int) (*Neighbours, error) {
	if err := check(z, labels, k); err != nil {
		return nil, errors.WithMessage(err, "kNN")
	}
	if c.K == 0 {
		c.K = 5
	}
	n, _ := z.Dims()
	if c.K < 0 || c.K > n {
		return nil, errors.Wrapf(ErrInput,
			"kNN: %d neighbours of %d samples, want at least 1 and no more than there are", c.K, n)
	}
	return &Neighbours{unit: normalized(z), labels: slices.Clone(labels), classes: k, k: c.K}, nil
}

// Predict implements Classifier. Cost: 2·n·d operations a sample, for n fitted.
func (c *Neighbours) Predict(z *mat.Dense) ([]int, error) {
	if c == nil || c.unit == nil {
		return nil, errors.Wrap(ErrInput, "kNN: predict: no samples: make it by Fit")
	}
	n, d := c.unit.Dims()
	if err := checkWidth(z, d); err != nil {
		return nil, errors.WithMessage(err, "kNN: predict")
	}
	const block = 256 // rows of similarities in memory
	rows, _ := z.Dims()
	unit := normalized(z)
	y := make([]int, 0, rows)
	near := make([]int, c.k)
	votes, weight := make([]int, c.classes), make([]float64, c.classes)
	for lo := 0; lo < rows; lo += block {
		hi := min(lo+block, rows)
		s := mat.NewDense(hi-lo, n, nil)
		s.Mul(unit.Slice(lo, hi, 0, d), c.unit.T())
		for i := range hi - lo {
			similar := s.RawRowView(i)
			nearest(near, similar)
			clear(votes)
			clear(weight)
			for _, at := range near {
				votes[c.labels[at]]++
				weight[c.labels[at]] += similar[at]
			}
			best := 0
			for j := range votes {
				if votes[j] > votes[best] || votes[j] == votes[best] && weight[j] > weight[best] {
					best = j
				}
			}
			y = append(y, best)
		}
	}
	return y, nil
}

// nearest writes the indices of the len(at) largest elements of s, the largest
// first and the lower index first among equals.
func nearest(at []int, s []float64) {
	have := 0
	for i, v := range s {
		if have == len(at) && v <= s[at[have-1]] {
			continue
		}
		have = min(have+1, len(at))
		p := have - 1
		for ; p > 0 && v > s[at[p-1]]; p-- {
			at[p] = at[p-1]
		}
		at[p] = i
	}
}

// normalized returns z with rows of unit length; rows of zeros stay.
func normalized(z *mat.Dense) *mat.Dense {
	n, _ := z.Dims()
	u := mat.DenseCopyOf(z)
	for i := range n {
		row := u.RawRowView(i)
		if norm := floats.Norm(row, 2); norm < 0x1p-1000 || norm > math.MaxFloat64 {
			simd.Unit(row, row) // a row of zeros stays
		} else {
			for j := range row {
				row[j] /= norm // not times 1/norm: it overflows for tiny norms
			}
		}
	}
	return u
}
