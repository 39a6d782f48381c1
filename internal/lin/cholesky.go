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

// Cholesky overwrites the lower triangle of A by L, where
//
//	A = L Lᵀ,  L lower triangular with positive diagonal.
//
// Only the lower triangle of A is read or written; what lies above it stays.
//
// Shapes: a n×n. Errors: ErrNotFinite where a pivot is NaN or infinite,
// ErrNotPositiveDefinite where one is not positive; then a is spoilt.
// Cost: n³/3 flops.
func Cholesky(p *par.Pool, n int, a []float64, lda int) error {
	for j := range n {
		rj := a[j*lda : j*lda+j+1]
		s := rj[j] - dotNaive(rj[:j], rj[:j])
		switch {
		case math.IsNaN(s) || math.IsInf(s, 0):
			return pkgerrors.Wrapf(ErrNotFinite, "lin: Cholesky: pivot %d of %d is %g", j, n, s)
		case s <= 0:
			return pkgerrors.Wrapf(ErrNotPositiveDefinite, "lin: Cholesky: pivot %d of %d is %g", j, n, s)
		}
		s = math.Sqrt(s)
		rj[j] = s
		for i := j + 1; i < n; i++ {
			ri := a[i*lda : i*lda+j+1]
			ri[j] = (ri[j] - dotNaive(ri[:j], rj[:j])) / s
		}
	}
	return nil
}

func dotNaive(x, y []float64) (s float64) {
	for i, v := range x {
		s += v * y[i]
	}
	return s
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
