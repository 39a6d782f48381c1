package lin

import (
	"errors"
	"math"

	pkgerrors "github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// What Cholesky can find wrong with a matrix.
var (
	ErrNotPositiveDefinite = errors.New("lin: matrix is not positive definite")
	ErrNotFinite           = errors.New("lin: matrix has an entry that is not finite")
)

// Cholesky overwrites A by L, where
//
//	A = L Lᵀ,  L lower triangular with positive diagonal.
//
// Only the lower triangle of A is read; above the diagonal, zeros are stored.
//
// Shapes: a n×n. Errors: ErrNotFinite where a pivot is NaN or infinite,
// ErrNotPositiveDefinite where one is not positive; then a is spoilt.
//
// Cost: n³/3 flops. It halves the matrix,
//
//	L₁₁ = chol(A₁₁),  L₂₁ = A₂₁ L₁₁⁻ᵀ,  L₂₂ = chol(A₂₂ − L₂₁ L₂₁ᵀ),
//
// down to the size of a tile, so that all but n·8²/3 flops are in products and
// triangular systems, which are limited by multiply-adds.
func Cholesky(p *par.Pool, n int, a []float64, lda int) error {
	if n <= 0 {
		return nil
	}
	_ = a[(n-1)*lda+n-1]
	if err := factor(p, 0, n, a, lda); err != nil {
		return pkgerrors.WithMessagef(err, "lin: Cholesky of a matrix of order %d", n)
	}
	for i := range n {
		clear(a[i*lda+i+1 : i*lda+n])
	}
	return nil
}

// leaf is the order of the matrices that are factored without halving.
const leaf = 8

// factor factors the lower triangle of the n×n block of a whose corner is (first, first).
func factor(p *par.Pool, first, n int, a []float64, lda int) error {
	if n <= leaf {
		return factorLeaf(first, n, a[first*lda+first:], lda)
	}
	// As many leaves above as below.
	half := max(1, ceil(n, leaf)/2) * leaf
	rest, mid := n-half, first+half
	if err := factor(p, first, half, a, lda); err != nil {
		return err
	}
	Trsm(p, true, true, half, rest, a[first*lda+first:], lda, a[mid*lda+first:], lda)
	below := operand[float64]{a[mid*lda+first:], lda, false}
	multiply(p, &problem[float64]{
		m: rest, n: rest, k: half, alpha: -1, beta: 1, lower: true,
		a: below, b: operand[float64]{below.x, lda, true}, c: a[mid*lda+mid:], ldc: lda,
	})
	return factor(p, mid, rest, a, lda)
}

// factorLeaf is the algorithm row by row.
func factorLeaf(first, n int, a []float64, lda int) error {
	var inv [leaf]float64 // reciprocals of the diagonal
	for i := range n {
		ri := a[i*lda : i*lda+i+1]
		s := ri[i]
		for j := range i {
			rj := a[j*lda : j*lda+j+1]
			t := ri[j]
			for l, v := range rj[:j] {
				t -= v * ri[l]
			}
			t *= inv[j]
			ri[j] = t
			s -= t * t
		}
		switch {
		case math.IsNaN(s) || math.IsInf(s, 0):
			return pkgerrors.Wrapf(ErrNotFinite, "pivot %d is %g", first+i, s)
		case s <= 0:
			return pkgerrors.Wrapf(ErrNotPositiveDefinite, "pivot %d is %g", first+i, s)
		}
		ri[i] = math.Sqrt(s)
		inv[i] = 1 / ri[i]
	}
	return nil
}

// LogDet returns log det A = 2 Σᵢ log Lᵢᵢ for A = L Lᵀ, in nats.
//
// Shapes: l n×n, of which the diagonal is read.
func LogDet(n int, l []float64, ldl int) (logdet float64) {
	for i := range n {
		logdet += math.Log(l[i*ldl+i])
	}
	return 2 * logdet
}
