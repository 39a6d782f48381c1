package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Truncated computes a few of the largest singular values of a matrix and their right
// singular vectors, each such that
//
//	‖AᵀA v − σ² v‖ ≤ 10⁻¹⁰ σ₁ σ,
//
// or, where the full decomposition had to find them, of ε σ₁².
// It takes the cheapest of block Krylov iterations from a random start, for a large matrix,
// the smaller Gram matrix, and, where its squares would lose too much, the full
// decomposition: a result that fails the test is not returned, another way is taken.
//
// It is the workspace too. The zero value is ready; one matrix at a time.
type Truncated[T simd.Float] struct {
	side  GramSide[T]
	full  Singular[T]
	basis Krylov
	image []float64
	wide  []float64

	lengths []T // A of each vector
}

// tolerance is that of the residuals; lossy is the least singular value beside the largest
// that squares keep to it.
const (
	tolerance = 1e-10
	lossy     = 0x1p-18
)

// Solve stores the count largest singular values, descending, in values, and their right
// vectors in the rows of vt. The same seed gives the same bits on any number of workers.
//
// Shapes: a m×n, which is left as it is; vt count×n, count ≤ min(m, n). Errors: those of
// Singular.Solve.
//
// Cost: 4mn·(count+8) flops a step of the iteration, some tens of steps, where max·k² for
// the Gram matrix of k = min(m, n) would be more; see GramSide and Singular.Leading.
func (x *Truncated[T]) Solve(p *par.Pool, m, n, count int, a []T, lda int, seed uint64,
	values, vt []T, ldvt int) error {
	if count <= 0 {
		return nil
	}
	if x.worthIterating(m, n, count) {
		if found, err := x.iterate(p, m, n, count, a, lda, seed, values, vt, ldvt); found || err != nil {
			return err
		}
	}
	k := min(m, n)
	if 2*count <= k || max(m, n) >= 2*k { // else there is little to gain
		err := x.side.Solve(p, m, n, count, a, lda, values, vt, ldvt)
		if err != nil || values[0] == 0 {
			return err
		}
		if float64(values[count-1]) >= lossy*float64(values[0]) {
			x.refine(p, m, n, count, a, lda, values, vt, ldvt)
			return nil
		}
	}
	return x.full.Leading(p, m, n, count, a, lda, values, nil, 0, vt, ldvt)
}

// refine computes values as ‖Av‖, which has an error of the square of that of v.
func (x *Truncated[T]) refine(p *par.Pool, m, n, count int, a []T, lda int, values, vt []T, ldvt int) {
	x.lengths = grow(x.lengths, count*m)
	Gemm(p, false, true, count, m, n, 1, vt, ldvt, a, lda, 0, x.lengths, m)
	for i := range count {
		values[i] = T(simd.Norm(x.lengths[i*m : (i+1)*m]))
		if i > 0 {
			values[i] = min(values[i], values[i-1])
		}
	}
}

// worthIterating reports whether a round of Krylov's iterations costs less than half of
// what the Gram matrix and its eigenvectors do.
func (x *Truncated[T]) worthIterating(m, n, count int) bool {
	long, k, width := float64(max(m, n)), float64(min(m, n)), float64(count+krylovSpare)
	round := krylovSteps * (4*long*k*width + 4*k*width*width*krylovSteps)
	return 2*round < long*k*k+8*k*k*k
}

// iterate reports whether the vectors were found.
func (x *Truncated[T]) iterate(p *par.Pool, m, n, count int, a []T, lda int, seed uint64,
	values, vt []T, ldvt int) (found bool, err error) {
	most := MaxAbs(p, m, n, a, lda)
	if !(most >= 0x1p-200 && most <= 0x1p200) {
		return false, nil // squares are out of range, or a is not finite: the others see to that
	}
	wide, ld := wideOf(a, lda, m, n, &x.wide)
	k := min(m, n)
	apply := func(dst, src []float64, rows int) { // AᵀA, or AAᵀ, of rows
		x.image = grow(x.image, rows*max(m, n))
		Gemm(p, false, m >= n, rows, max(m, n), k, 1, src, k, wide, ld, 0, x.image, max(m, n))
		Gemm(p, false, m < n, rows, k, max(m, n), 1, x.image, max(m, n), wide, ld, 0, dst, k)
	}
	squares, vectors, found, err := x.basis.Leading(p, k, count, seed, apply, func(square, largest float64) float64 {
		return tolerance * math.Sqrt(max(0, square)*largest)
	})
	if !found || err != nil {
		return false, err
	}
	for i, s := range squares {
		values[i] = T(math.Sqrt(max(0, s)))
	}
	if float64(values[count-1]) < lossy*float64(values[0]) {
		return false, nil
	}
	if m >= n {
		simd.Copy(vt, ldvt, vectors, n, count, n)
		x.refine(p, m, n, count, a, lda, values, vt, ldvt)
		return true, nil
	}
	x.image = grow(x.image, count*n) // rows σᵢvᵢ, orthogonal to rounding by σ₁/σᵢ
	Gemm(p, false, false, count, n, m, 1, vectors, m, wide, ld, 0, x.image, n)
	x.basis.orthonormalise(p, x.image, count, n, 0)
	simd.Copy(vt, ldvt, x.image, n, count, n)
	x.refine(p, m, n, count, a, lda, values, vt, ldvt)
	return true, nil
}
