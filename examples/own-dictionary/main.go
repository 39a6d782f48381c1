// Command own-dictionary draws samples that are sparse in a dictionary, learns one from
// the samples alone by K-SVD, counts the atoms that it finds again, and codes a sample.
package main

import (
	"fmt"
	"log/slog"
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/sparse"
)

const m, n = 20, 40

func main() {
	set, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: 1500, Measurements: m, Atoms: n, Density: 0.075,
		Seed: 2})
	check(err)
	planted, x := mat.NewDense(m, n, a), must(set.Matrix())

	learning := sparse.Learning{Atoms: n, Iters: 40, Seed: 1, Progress: func(iter int, objective float64) error {
		if iter%10 == 0 {
			fmt.Printf("pass %2d: a sample is ½·%.4f away from three atoms\n", iter, 2*objective)
		}
		return nil
	}}
	learned := must(sparse.KSVD{Learning: learning, Sparsity: 3}.Learn(x))
	found := must(sparse.Recovery(learned.D, planted, 0.99))
	fmt.Printf("%.0f of the %d atoms are found, to a cosine of 0.99\n", found*n, n)

	one := mat.DenseCopyOf(x.Slice(0, 1, 0, m))
	code := must(sparse.OMP{Sparsity: 3}.Solve(must(sparse.NewMatrix(learned.D)), one))
	fmt.Printf("the first sample is made of these atoms:")
	for j, z := range code.RawRowView(0) {
		if z != 0 {
			fmt.Printf("  %+.2f of atom %d", z, j)
		}
	}
	fmt.Println()
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
