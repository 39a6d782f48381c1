package metrics_test

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// gauss returns an n×d matrix of standard normal numbers.
func gauss(rng *rand.Rand, n, d int) *mat.Dense {
	m := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	return m
}

// orthogonal returns n orthonormal columns of length d.
func orthogonal(rng *rand.Rand, d, n int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(gauss(rng, d, d))
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, d, 0, n))
}

// cycle returns the labels 0, 1, …, k−1, 0, … of n samples.
func cycle(n, k int) []int {
	y := make([]int, n)
	for i := range y {
		y[i] = i % k
	}
	return y
}

// subspaces returns n samples of k orthogonal subspaces of R^d, each of dimension
// r, and their labels.
func subspaces(rng *rand.Rand, n, d, k, r int) (*mat.Dense, []int) {
	basis := orthogonal(rng, d, k*r)
	y := cycle(n, k)
	z := mat.NewDense(n, d, nil)
	for i, c := range y {
		var row mat.Dense
		row.Mul(gauss(rng, 1, r), basis.Slice(0, d, c*r, (c+1)*r).T())
		z.SetRow(i, row.RawRowView(0))
	}
	return z, y
}

// rows returns the samples of class c.
func rows(z *mat.Dense, labels []int, c int) *mat.Dense {
	var out []float64
	n := 0
	for i, y := range labels {
		if y == c {
			out = append(out, z.RawRowView(i)...)
			n++
		}
	}
	_, d := z.Dims()
	return mat.NewDense(n, d, out)
}
