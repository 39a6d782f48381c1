package sparse_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/sparse"
)

// matrix is NewMatrix for the examples.
func matrix(a *mat.Dense) *sparse.Matrix {
	op, err := sparse.NewMatrix(a)
	if err != nil {
		fmt.Println(err)
	}
	return op
}

// One sample in three dimensions and four atoms, of which two make it.
func ExampleFISTA() {
	a := mat.NewDense(3, 4, []float64{
		0.6, 0.0, 0.8, 0.36,
		0.8, 0.6, 0.0, 0.48,
		0.0, 0.8, 0.6, 0.8,
	})
	x := mat.NewDense(1, 3, []float64{1, -0.5, 0.25})
	s, err := sparse.FISTA{
		Stop:    sparse.Stop{Gap: 1e-12},
		Restart: sparse.GradientRestart,
	}.Solve(sparse.Problem{A: matrix(a), X: x, Lambda: 0.1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("z = %.4f\nF = %.6f\n", s.Z.RawRowView(0), s.Objective[0])
	// Output:
	// z = [0.0000 -0.5301 1.1045 0.0000]
	// F = 0.186850
}

// The benchmark of sparse recovery, small: 60 measurements of 120 coefficients of
// which every tenth is not 0.
func Example_recovery() {
	set, dictionary, err := data.SparseCodes(data.SparseCodesConfig{Samples: 200, Measurements: 60, Atoms: 120,
		Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, z, err := pairs(set, 60, 120)
	if err != nil {
		fmt.Println(err)
		return
	}
	a := matrix(mat.NewDense(60, 120, dictionary))
	report := func(name string, estimate *mat.Dense) {
		db, err := sparse.NMSE(estimate, z)
		if err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%-6s %4.0f dB\n", name, db)
	}
	p := sparse.Problem{A: a, X: x, Lambda: 0.2}
	stop := sparse.Stop{MaxIter: 16}
	if s, err := (sparse.ISTA{Stop: stop}).Solve(p); err == nil {
		report("ISTA", s.Z)
	}
	if s, err := (sparse.FISTA{Stop: stop}).Solve(p); err == nil {
		report("FISTA", s.Z)
	}
	if s, err := (sparse.AMP{}).Solve(a, x); err == nil {
		report("AMP", s)
	}
	// Output:
	// ISTA     -6 dB
	// FISTA   -11 dB
	// AMP     -23 dB
}

// Codes for three λ, each from those of the one before.
func ExamplePath() {
	a := mat.NewDense(2, 3, []float64{1, 0, 0.6, 0, 1, 0.8})
	p := sparse.Problem{A: matrix(a), X: mat.NewDense(1, 2, []float64{1, 0.5}), Relative: true}
	path, err := sparse.Path(sparse.FISTA{Stop: sparse.Stop{Gap: 1e-12}, Restart: sparse.GradientRestart}, p,
		[]float64{1, 0.5, 0.1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range path {
		fmt.Printf("λ = %.2f: z = %.3f\n", s.Lambda[0], s.Z.RawRowView(0))
	}
	// Output:
	// λ = 1.00: z = [0.000 0.000 0.000]
	// λ = 0.50: z = [0.312 0.000 0.312]
	// λ = 0.10: z = [0.563 0.000 0.562]
}

// The soft threshold is the proximal operator of ‖·‖₁, and its conjugate the
// projection on a box.
func ExampleConjugateProx() {
	v, u := []float64{3, -0.5, -2}, make([]float64, 3)
	sparse.L1{}.Prox(u, v, 1)
	fmt.Println(u)
	sparse.ConjugateProx(sparse.L1{}, u, v, 1, nil)
	fmt.Println(u)
	// Output:
	// [2 0 -1]
	// [1 -0.5 -1]
}

// Samples that are multiples of two directions: K-SVD finds the directions.
func ExampleKSVD_Learn() {
	x := mat.NewDense(4, 2, []float64{3, 4, -6, -8, 1, 0, 2, 0})
	d, err := sparse.KSVD{Learning: sparse.Learning{Atoms: 2, Seed: 2}, Sparsity: 1}.Learn(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	share, err := sparse.Recovery(d.D, mat.NewDense(2, 2, []float64{0.6, 1, 0.8, 0}), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f %% of the directions\n", 100*share)
	// Output: 100 % of the directions
}
