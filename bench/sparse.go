package main

import (
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
)

// The benchmark of sparse recovery, in float64. A run is so many iterations, so
// that what a Solve takes at its start and end is spread over them.
const (
	measurements, atoms, codes = 250, 500, 1000
	iterations                 = 40
)

// sparseWorkloads are 40 iterations of ISTA and of FISTA, and, to compare, the
// two products of each iteration alone.
func sparseWorkloads(func(int) int) []workload {
	stop := sparse.Stop{MaxIter: iterations}
	return []workload{
		solving("ista_250x500_b1000", func(step sparse.Step, workers int) sparse.Solver {
			return sparse.ISTA{Step: step, Stop: stop, Workers: workers}
		}),
		solving("fista_250x500_b1000", func(step sparse.Step, workers int) sparse.Solver {
			return sparse.FISTA{Step: step, Stop: stop, Workers: workers}
		}),
		{name: "products_250x500_b1000", host: true, prepare: sparseProducts},
	}
}

func solving(name string, solver func(sparse.Step, int) sparse.Solver) workload {
	return workload{name: name, host: true, prepare: func(o nn.Options) (run, free func() error, err error) {
		a, x, err := sparseSamples()
		if err != nil {
			return nil, nil, err
		}
		op, err := sparse.NewMatrix(mat.NewDense(measurements, atoms, a))
		if err != nil {
			return nil, nil, err
		}
		l, err := sparse.Lipschitz(op)
		if err != nil {
			return nil, nil, err
		}
		s := solver(sparse.Step{L: l}, o.Workers)
		p := sparse.Problem{A: op, X: mat.NewDense(codes, measurements, x), Lambda: 0.2}
		return func() error { _, err := s.Solve(p); return err }, func() error { return nil }, nil
	}}
}

// sparseSamples returns the matrix and the samples.
func sparseSamples() (a, x []float64, err error) {
	set, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: codes, Measurements: measurements, Atoms: atoms,
		Seed: 1})
	for i := 0; err == nil && i < codes; i++ {
		x, err = set.Row(x, i)
	}
	return a, x, err
}

func sparseProducts(o nn.Options) (run, free func() error, err error) {
	a, x, err := sparseSamples()
	if err != nil {
		return nil, nil, err
	}
	pool, z := par.New(o.Workers), make([]float64, codes*atoms)
	run = func() error {
		for range iterations {
			lin.Gemm(pool, false, false, codes, atoms, measurements, 1, x, measurements, a, atoms, 0, z, atoms)
			lin.Gemm(pool, false, true, codes, measurements, atoms, 1e-3, z, atoms, a, atoms, 0, x, measurements)
		}
		return nil
	}
	return run, func() error { pool.Close(); return nil }, nil
}
