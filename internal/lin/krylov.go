package lin

import (
	"math"
	"math/rand/v2"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

const (
	krylovSpare  = 8 // rows of a block beyond those that are wanted
	krylovSteps  = 8
	krylovRounds = 4
)

// Krylov computes the greatest eigenvalues of a symmetric matrix that is given by its
// products with vectors, and their eigenvectors: the best, by Rayleigh and Ritz, in the span
// of B, AB, …, A^(steps−1)B for a block B that is random to begin with and then the best that
// was found. A block has room for eigenvalues that are equal, as those of a graph in parts.
//
// It is the workspace too. The zero value is ready; one problem at a time.
//
// References: G. Golub, R. Underwood. The block Lanczos method for computing eigenvalues.
// 1977. C. Musco, C. Musco. Randomized block Krylov methods for stronger and faster
// approximate singular value decomposition. NeurIPS 2015.
type Krylov struct {
	Steps  int // of a round; 0 is 8
	Rounds int // before it gives up; 0 is 4

	eigen          Symmetric[float64]
	qr             Orthogonal[float64]
	basis, image   []float64
	ritz           []float64
	values, rotate []float64
	block          []float64
	along, columns []float64
}

// Leading returns the count greatest eigenvalues, the greatest first, and their eigenvectors
// as rows, which live until the next call, and whether they were found: whether each residual
// ‖Av − λv‖ came below tol of its λ and the greatest. apply stores A of each row of src in
// dst. It gives up after the last round, and at once where n is too small for one.
//
// Cost: some tens of calls of apply with count+8 rows, and as many times 40n·count² flops.
func (x *Krylov) Leading(p *par.Pool, n, count int, seed uint64, apply func(dst, src []float64, rows int),
	tol func(lambda, greatest float64) float64) (values, vectors []float64, found bool, err error) {
	steps, rounds := x.Steps, x.Rounds
	if steps == 0 {
		steps = krylovSteps
	}
	if rounds == 0 {
		rounds = krylovRounds
	}
	width := count + krylovSpare
	m := width * steps
	if m > n {
		return nil, nil, false, nil
	}
	x.basis, x.image, x.block = grow(x.basis, m*n), grow(x.image, m*n), grow(x.block, width*n)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range x.block {
		x.block[i] = r.NormFloat64()
	}
	for range rounds {
		next := x.block
		for lo := 0; lo < m; lo += width {
			copy(x.basis[lo*n:(lo+width)*n], next)
			x.orthonormalise(p, x.basis, width, n, lo)
			next = x.image[lo*n : (lo+width)*n]
			apply(next, x.basis[lo*n:(lo+width)*n], width)
		}
		if err := x.rayleighRitz(p, n, m, width); err != nil {
			return nil, nil, false, err
		}
		if x.converged(p, n, m, count, tol) {
			return x.values[:count], x.block[:count*n], true, nil
		}
	}
	return nil, nil, false, nil
}

// rayleighRitz leaves the best eigenpairs in values and block, and their coordinates in
// rotate.
func (x *Krylov) rayleighRitz(p *par.Pool, n, m, width int) error {
	x.ritz, x.values, x.rotate = grow(x.ritz, m*m), grow(x.values, width), grow(x.rotate, width*m)
	Gemm(p, false, true, m, m, n, 1, x.basis, n, x.image, n, 0, x.ritz, m)
	for i := range m {
		for j := range i {
			x.ritz[i*m+j] = (x.ritz[i*m+j] + x.ritz[j*m+i]) / 2
		}
	}
	if err := x.eigen.Leading(p, m, width, x.ritz, m, x.values, x.rotate, m); err != nil {
		return err
	}
	Gemm(p, false, false, width, n, m, 1, x.rotate, m, x.basis, n, 0, x.block, n)
	return nil
}

// converged tests the residuals of the first count.
func (x *Krylov) converged(p *par.Pool, n, m, count int, tol func(lambda, greatest float64) float64) bool {
	moved := grow(x.along, count*n)
	x.along = moved
	Gemm(p, false, false, count, n, m, 1, x.rotate, m, x.image, n, 0, moved, n)
	greatest := math.Abs(x.values[0])
	for i := range count {
		r := moved[i*n : (i+1)*n]
		simd.Axpy(r, -x.values[i], x.block[i*n:(i+1)*n])
		if !(simd.Norm(r) <= tol(x.values[i], greatest)) {
			return false
		}
	}
	return true
}

// orthonormalise makes rows before, …, before+rows−1 of b, of length n, orthonormal to each
// other and to those before, which are already: their part along those is taken off and the
// rest decomposed, twice at least, and until rows of norm 1 lose less than half by it.
func (x *Krylov) orthonormalise(p *par.Pool, b []float64, rows, n, before int) {
	q, now := b[:before*n], b[before*n:(before+rows)*n]
	x.columns, x.along = grow(x.columns, rows*n), grow(x.along, rows*max(before, 1))
	for pass := range 4 {
		if before > 0 {
			Gemm(p, false, true, rows, before, n, 1, now, n, q, n, 0, x.along, before)
			Gemm(p, false, false, rows, n, before, -1, x.along, before, q, n, 1, now, n)
		}
		simd.Transpose(x.columns, rows, now, n, rows, n)
		if x.qr.Factor(p, n, rows, x.columns, rows) != nil {
			return // not finite: the test of residuals finds it
		}
		least := math.Inf(1)
		for i := range rows {
			least = min(least, math.Abs(x.columns[i*rows+i]))
		}
		x.qr.Columns(p, rows, x.columns, rows)
		simd.Transpose(now, n, x.columns, rows, n, rows)
		if before == 0 || pass > 0 && least > 0.5 {
			return
		}
	}
}
