package metrics

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// CosineMap returns the n×n matrix of |cos∠(z_i, z_j)| with samples sorted by
// class, in their order within a class, and where each class begins: class j is
// rows starts[j], …, starts[j+1]−1. Cost: n² numbers; take a subset of many samples.
func CosineMap(z *mat.Dense, labels []int, k int) (m *mat.SymDense, starts []int, err error) {
	classes, err := byClass(z, labels, k, 0)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "cosine map")
	}
	n, d := z.Dims()
	sorted := mat.NewDense(n, d, nil)
	starts = make([]int, k+1)
	for j, x := range classes {
		starts[j+1] = starts[j]
		if x == nil {
			continue
		}
		rows, _ := x.Dims()
		starts[j+1] += rows
		sorted.Slice(starts[j], starts[j+1], 0, d).(*mat.Dense).Copy(x)
	}
	m = mat.NewSymDense(n, nil)
	m.SymOuterK(1, normalized(sorted))
	for i := range n {
		for j := i; j < n; j++ {
			m.SetSym(i, j, math.Min(math.Abs(m.At(i, j)), 1))
		}
	}
	return m, starts, nil
}

// MeanAbsCosine returns the means of |cos∠(z_i, z_j)| over the pairs i ≠ j of one
// class and over the pairs of two classes. Cost: n²·d, without the n² memory.
// Errors: no pair of one of the kinds.
func MeanAbsCosine(z *mat.Dense, labels []int, k int) (within, between float64, err error) {
	if err := check(z, labels, k); err != nil {
		return 0, 0, errors.WithMessage(err, "mean cosine")
	}
	const block = 256
	unit := normalized(z)
	n, d := unit.Dims()
	var sum [2]float64
	var pairs [2]int
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		c := mat.NewDense(hi-lo, hi, nil)
		c.Mul(unit.Slice(lo, hi, 0, d), unit.Slice(0, hi, 0, d).T())
		for i := lo; i < hi; i++ {
			for j, v := range c.RawRowView(i - lo)[:i] {
				kind := 0
				if labels[i] != labels[j] {
					kind = 1
				}
				sum[kind] += math.Min(math.Abs(v), 1)
				pairs[kind]++
			}
		}
	}
	if pairs[0] == 0 || pairs[1] == 0 {
		return 0, 0, errors.Wrapf(ErrInput, "mean cosine: %d pairs within classes and %d between, want both", pairs[0],
			pairs[1])
	}
	return sum[0] / float64(pairs[0]), sum[1] / float64(pairs[1]), nil
}
