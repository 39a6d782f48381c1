package subspace

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// leading returns the k greatest eigenvalues of a symmetric matrix, the greatest
// first, and their eigenvectors as columns: of a large one by block Krylov iterations, and
// where these do not come to ‖Av − λv‖ ≤ 10⁻¹⁰ ‖A‖ by all of them.
func leading(a *entries, k int, seed uint64) ([]float64, *mat.Dense, error) {
	const small, steps, rounds, tol = 300, 12, 30, 1e-10
	n := len(a.start) - 1
	if n <= small {
		return eigen(a.dense(), k)
	}
	pool := par.New(0)
	defer pool.Close()
	found := lin.Krylov{Steps: steps, Rounds: rounds}
	values, rows, ok, err := found.Leading(pool, n, k, seed, (&times{entries: *a, pool: pool}).run,
		func(_, greatest float64) float64 { return tol * greatest })
	if err != nil || !ok {
		return eigen(a.dense(), k)
	}
	return values, mat.DenseCopyOf(mat.NewDense(k, n, rows).T()), nil
}

// entries are those of a square matrix that are not 0, by row.
type entries struct {
	start  []int // of each row, and the end
	column []int32
	value  []float64
}

// times multiplies rows by a symmetric matrix.
type times struct {
	entries
	pool     *par.Pool
	dst, src []float64
	rows     int
}

// run writes A x to the rows of dst, for each row x of src.
func (e *times) run(dst, src []float64, rows int) {
	e.dst, e.src, e.rows = dst, src, rows
	e.pool.Run(e, len(e.start)-1, 64)
}

// Range computes some elements of all rows.
func (e *times) Range(_, lo, hi int) {
	n := len(e.start) - 1
	for i := lo; i < hi; i++ {
		column, value := e.column[e.start[i]:e.start[i+1]], e.value[e.start[i]:e.start[i+1]]
		for r := range e.rows {
			from, sum := e.src[r*n:(r+1)*n], 0.0
			for p, v := range value {
				sum += v * from[column[p]]
			}
			e.dst[r*n+i] = sum
		}
	}
}

// eigen returns the k greatest eigenvalues and their eigenvectors as columns.
func eigen(a *mat.SymDense, k int) ([]float64, *mat.Dense, error) {
	n := float64(a.SymmetricDim())
	pool := lin.PoolFor(0, 2*n*n*n)
	defer pool.Close()
	values, v, err := lin.Eigenvectors(pool, a, k)
	if err != nil {
		return nil, nil, errors.Wrapf(ErrInput, "the eigendecomposition: %v", err)
	}
	return values, v, nil
}
