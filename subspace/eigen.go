package subspace

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

// leading returns the k greatest eigenvalues of a symmetric matrix, the greatest
// first, and their eigenvectors as columns.
func leading(a *mat.SymDense, k int, seed uint64) ([]float64, *mat.Dense, error) {
	const small, spare, steps, rounds, tol = 300, 4, 12, 100, 1e-8
	n := a.SymmetricDim()
	width := k + spare
	if n <= small || width*steps >= n {
		return eigen(a, k)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	block := mat.NewDense(width, n, nil)
	block.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, block)
	entries := entriesOf(a)
	for range rounds {
		values, vectors, worst, err := krylov(entries, block, k, steps)
		if err != nil {
			return nil, nil, err
		}
		if worst <= tol*math.Abs(values[0]) {
			return values[:k], mat.DenseCopyOf(vectors.Slice(0, k, 0, n).T()), nil
		}
		block = vectors
	}
	return nil, nil,
		errors.Wrapf(ErrInput,
			"the leading %d eigenvectors of %d×%d were not found to %v in %d rounds: the next eigenvalues are too "+
				"close", k, n, n, tol, rounds)
}

// krylov returns the best eigenpairs, as many as block has rows, in the span of
// block, block·A, …, block·A^(steps−1), by Rayleigh and Ritz, with eigenvectors as
// rows, and the greatest residual ‖Av − λv‖ of the first k. A block has room for
// eigenvalues that are equal, as those of a graph in parts are.
func krylov(
	a entries, block *mat.Dense, k, steps int,
) (values []float64, vectors *mat.Dense, worst float64, err error) {
	width, n := block.Dims()
	m := width * steps
	basis, image := mat.NewDense(m, n, nil), mat.NewDense(m, n, nil)
	for lo := 0; lo < m; lo += width {
		now := basis.Slice(lo, lo+width, 0, n).(*mat.Dense)
		now.Copy(block)
		orthonormalRows(basis.Slice(0, lo+width, 0, n).(*mat.Dense), lo)
		block = image.Slice(lo, lo+width, 0, n).(*mat.Dense)
		a.times(block, now)
	}
	var small mat.Dense
	small.Mul(basis, image.T())
	ritz := mat.NewSymDense(m, nil)
	for i := range m {
		for j := i; j < m; j++ {
			ritz.SetSym(i, j, (small.At(i, j)+small.At(j, i))/2)
		}
	}
	values, y, err := eigen(ritz, width)
	if err != nil {
		return nil, nil, 0, err
	}
	vectors = new(mat.Dense)
	vectors.Mul(y.T(), basis)
	var moved mat.Dense
	moved.Mul(y.T(), image)
	for j := range k {
		r := moved.RawRowView(j)
		floats.AddScaled(r, -values[j], vectors.RawRowView(j))
		worst = max(worst, floats.Norm(r, 2))
	}
	return values, vectors, worst, nil
}

// entries are those of a square matrix that are not 0, by row.
type entries struct {
	start  []int // of each row, and the end
	column []int32
	value  []float64
}

func entriesOf(a *mat.SymDense) entries {
	n := a.SymmetricDim()
	e := entries{start: make([]int, 1, n+1)}
	for i := range n {
		for j := range n {
			if v := a.At(i, j); v != 0 {
				e.column, e.value = append(e.column, int32(j)), append(e.value, v)
			}
		}
		e.start = append(e.start, len(e.value))
	}
	return e
}

// times writes A x to the rows of dst, for each row x.
func (e entries) times(dst, x *mat.Dense) {
	rows, n := x.Dims()
	for r := range rows {
		from, to := x.RawRowView(r), dst.RawRowView(r)
		for i := range n {
			sum := 0.0
			for p := e.start[i]; p < e.start[i+1]; p++ {
				sum += e.value[p] * from[e.column[p]]
			}
			to[i] = sum
		}
	}
}

// eigen returns the k greatest eigenvalues and their eigenvectors as columns.
func eigen(a *mat.SymDense, k int) ([]float64, *mat.Dense, error) {
	ascending, all, err := lin.EigenSym(a, true)
	if err != nil {
		return nil, nil, errors.Wrapf(ErrInput, "the eigendecomposition: %v", err)
	}
	n := a.SymmetricDim()
	values, v := make([]float64, k), mat.NewDense(n, k, nil)
	for j, value := range ascending[n-k:] {
		values[k-1-j] = value
		v.SetCol(k-1-j, mat.Col(nil, n-k+j, all))
	}
	return values, v, nil
}
