// Package lin is dense linear algebra on row-major slices: products, Gram
// matrices, Cholesky factors and what is solved with them.
//
// A matrix x of r rows and c columns with leading dimension ld holds element
// (i, j) in x[i·ld+j]; ld ≥ c, and x has at least (r−1)·ld+c elements. Too
// short a slice is a fault of the caller's code and crashes as an index out of
// range does.
//
// Results have the same bits on any number of workers, and no function
// allocates in the steady state.
package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Gemm computes
//
//	C = α op(A) op(B) + β C
//
// with op(X) = Xᵀ where the flag trans is set and X where not.
//
// Shapes: op(A) m×k, op(B) k×n, C m×n. C must not overlap A or B. With β = 0
// what C held is not read, NaN neither. Cost: 2mnk flops.
func Gemm[T simd.Float](p *par.Pool, transA, transB bool, m, n, k int,
	alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	if m <= 0 || n <= 0 {
		return
	}
	for i := range m {
		scaleRow(beta, c[i*ldc:i*ldc+n])
	}
	p.Loop(m, 4, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := c[i*ldc : i*ldc+n]
			for l := range k {
				var s T
				if transA {
					s = alpha * a[l*lda+i]
				} else {
					s = alpha * a[i*lda+l]
				}
				if transB {
					for j := range row {
						row[j] += s * b[j*ldb+l]
					}
					continue
				}
				for j, v := range b[l*ldb : l*ldb+n] {
					row[j] += s * v
				}
			}
		}
	}).Do()
}

func scaleRow[T simd.Float](beta T, row []T) {
	if beta == 0 {
		clear(row)
		return
	}
	for j := range row {
		row[j] *= beta
	}
}

// GemmBias computes, in one pass over C,
//
//	C = act(op(A) op(B) + 1 biasᵀ)
//
// where act is max(·, 0) if relu is set and the identity if not; a NaN stays.
// bias, of length n, is added to each row; nil is none. See Gemm.
func GemmBias[T simd.Float](p *par.Pool, transA, transB bool, m, n, k int,
	a []T, lda int, b []T, ldb int, bias []T, relu bool, c []T, ldc int) {
	Gemm(p, transA, transB, m, n, k, 1, a, lda, b, ldb, 0, c, ldc)
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		for j := range row {
			if bias != nil {
				row[j] += bias[j]
			}
			if relu && row[j] < 0 {
				row[j] = 0
			}
		}
	}
}
