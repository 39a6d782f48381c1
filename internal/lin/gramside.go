package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// GramSide computes leading singular values and right singular vectors of a matrix as the
// eigenvectors of the smaller of its Gram matrices,
//
//	AᵀA = V diag(values²) Vᵀ     or     AAᵀ = U diag(values²) Uᵀ,  AᵀU = V diag(values).
//
// It is the workspace too: it grows to the largest shape that it has seen. The zero value
// is ready; one matrix at a time.
//
// Squares lose what is small beside the largest: a singular value σᵢ has an error of about
// ε σ₁²/σᵢ, in float64 whatever T is, where that of Singular is ε σ₁. Values below
// √(max(m, n) ε) σ₁ are of no meaning, nor is which vectors they have; all vectors are
// orthonormal to rounding nevertheless. Of float32 data nothing is lost.
type GramSide[T simd.Float] struct {
	eigen         Symmetric[float64]
	qr            Orthogonal[float64]
	gram          []float64
	values        []float64
	vectors       []float64
	image, square []float64
	wide          []float64
	scaled        []T
}

// Solve stores the count largest singular values, descending, in values, and their right
// vectors in the rows of vt.
//
// Shapes: a m×n, which is left as it is; vt count×n, count ≤ min(m, n). Errors: those of
// Symmetric.Solve.
//
// Cost, for k the side that is chosen, max·k² flops for the Gram matrix and those of
// Symmetric.Leading; by the side of the samples, 6·count·mn more for V.
func (x *GramSide[T]) Solve(p *par.Pool, m, n, count int, a []T, lda int, values, vt []T, ldvt int) error {
	if count <= 0 {
		return nil
	}
	_, _, _ = a[(m-1)*lda+n-1], values[count-1], vt[(count-1)*ldvt+n-1]
	a, lda, e, err := x.inRange(p, m, n, a, lda)
	if err != nil {
		return err
	}
	samples := n > m+m/4 // beside that, V is had for nothing
	k := n
	if samples {
		k = m
	}
	x.gram, x.values, x.vectors = grow(x.gram, k*k), grow(x.values, count), grow(x.vectors, count*k)
	Gram(p, samples, m, n, 1, a, lda, x.gram, k)
	if err := x.eigen.Leading(p, k, count, x.gram, k, x.values, x.vectors, k); err != nil {
		return err
	}
	for i, v := range x.values {
		values[i] = T(math.Ldexp(math.Sqrt(max(0, v)), e))
	}
	v := x.vectors
	if samples {
		if v, err = x.fromSamples(p, m, n, count, a, lda); err != nil {
			return err
		}
	}
	simd.Copy(vt, ldvt, v, n, count, n)
	return nil
}

// fromSamples returns V, a row each, for U in vectors: the columns of AᵀU made orthonormal,
// the longest first, which are orthogonal already but for rounding.
func (x *GramSide[T]) fromSamples(p *par.Pool, m, n, count int, a []T, lda int) (v []float64, err error) {
	wide, ld := wideOf(a, lda, m, n, &x.wide)
	x.image, x.square = grow(x.image, n*count), grow(x.square, n*count)
	Gemm(p, true, true, n, count, m, 1, wide, ld, x.vectors, m, 0, x.image, count)
	if err := x.qr.Factor(p, n, count, x.image, count); err != nil {
		return nil, err
	}
	x.qr.Columns(p, count, x.square, count)
	simd.Transpose(x.image, n, x.square, count, n, count)
	return x.image, nil
}

// wideOf returns the matrix in float64: itself, or a copy in buf.
func wideOf[T simd.Float](a []T, lda, m, n int, buf *[]float64) (wide []float64, ld int) {
	if w, ok := any(a).([]float64); ok {
		return w, lda
	}
	*buf = grow(*buf, m*n)
	simd.Copy(*buf, n, a, lda, m, n)
	return *buf, n
}

// inRange returns a, or a copy times 2⁻ᵉ where squares would be out of range.
func (x *GramSide[T]) inRange(p *par.Pool, m, n int, a []T, lda int) (b []T, ldb, e int, err error) {
	most := MaxAbs(p, m, n, a, lda)
	if most-most != 0 {
		return nil, 0, 0, ErrNotFinite
	}
	if most == 0 || most >= 0x1p-200 && most <= 0x1p200 { // Gram is in float64
		return a, lda, 0, nil
	}
	x.scaled = grow(x.scaled, m*n)
	simd.Copy(x.scaled, n, a, lda, m, n)
	e, err = normalizeFull(m, n, x.scaled, n)
	return x.scaled, n, e, err
}
