package main

import (
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// pursuits are orthogonal matching pursuit, of 20 of 500 atoms for each of 1000 signals, and a pass of online
// dictionary learning, 256 atoms on 20000 samples of 64 in batches of 256 with λ = 1, on Gaussian numbers, in float64.
func pursuits(func(int) int) []workload {
	return []workload{
		classical("omp_250x500_b1000_s20", func(workers int) (func() error, error) {
			a, err := unitColumns(250, 500)
			if err != nil {
				return nil, err
			}
			x := gaussian(1000, 250)
			return func() error { _, err := sparse.OMP{Sparsity: 20, Workers: workers}.Solve(a, x); return err }, nil
		}),
		classical("online_dict_64x256_20000", func(workers int) (func() error, error) {
			x := gaussian(20000, 64)
			c := sparse.MiniBatchDictionaryLearning{Lambda: 1,
				Learning: sparse.Learning{Atoms: 256, Iters: 1, Workers: workers}}
			return func() error { _, err := c.Learn(x); return err }, nil
		}),
	}
}

// unitColumns returns a Gaussian matrix with columns of length 1.
func unitColumns(m, n int) (*sparse.Matrix, error) {
	a := gaussian(m, n)
	for j := range n {
		size := mat.Norm(a.ColView(j), 2)
		for i := range m {
			a.Set(i, j, a.At(i, j)/size)
		}
	}
	return sparse.NewMatrix(a)
}
