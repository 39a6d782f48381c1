package metrics

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
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
	unit := normalized(sorted)
	pool := lin.PoolFor(0, float64(n)*float64(n)*float64(d))
	defer pool.Close()
	lin.Gram(pool, true, n, d, 1, unit.RawMatrix().Data, d, m.RawSymmetric().Data, n)
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
	pool := lin.PoolFor(0, float64(n)*float64(n)*float64(d))
	defer pool.Close()
	x, c := unit.RawMatrix().Data, make([]float64, min(block, n)*n)
	var sum [2]float64
	var pairs [2]int
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		lin.Gemm(pool, false, true, hi-lo, hi, d, 1, x[lo*d:], d, x, d, 0, c, n)
		for i := lo; i < hi; i++ {
			for j, v := range c[(i-lo)*n:][:i] {
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
