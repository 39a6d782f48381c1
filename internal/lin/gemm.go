// Package lin is dense linear algebra on row-major slices: products, Gram
// matrices, Cholesky factors and what is solved with them.
//
// A matrix x of r rows and c columns with leading dimension ld holds element
// (i, j) in x[i·ld+j]; ld ≥ c, and x has at least (r−1)·ld+c elements. Too
// short a slice is a fault of the caller's code and crashes as an index out of
// range does.
//
// Results have the same bits on any number of workers, and no function
// allocates in the steady state. They may differ in the last bits between
// instruction sets, see simd.Level.
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
// what C held is not read, NaN neither.
//
// Cost: 2mnk flops. Large products are limited by the multiply-adds of the
// micro-kernel (see simd.Tile); products with m, n or k below about 30 by the
// bytes of the operands.
func Gemm[T simd.Float](p *par.Pool, transA, transB bool, m, n, k int,
	alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	multiply(p, &problem[T]{
		m: m, n: n, k: k, alpha: alpha, beta: beta,
		a: operand[T]{a, lda, transA}, b: operand[T]{b, ldb, transB}, c: c, ldc: ldc,
	})
}

// GemmBias computes, in one pass over C,
//
//	C = act(op(A) op(B) + 1 biasᵀ)
//
// where act is max(·, 0) if relu is set and the identity if not; a NaN stays.
// bias, of length n, is added to each row; nil is none. See Gemm.
func GemmBias[T simd.Float](p *par.Pool, transA, transB bool, m, n, k int,
	a []T, lda int, b []T, ldb int, bias []T, relu bool, c []T, ldc int) {
	GemmThen(p, transA, transB, m, n, k, 1, a, lda, b, ldb, 0, c, ldc, Epilogue[T]{Bias: bias, ReLU: relu})
}

// An Epilogue is what a product does to the rows of C before they leave the cache:
//
//	C = S_Theta(act(C + 1 Biasᵀ)),
//
// act is max(·, 0) if ReLU is set and the identity if not, S is soft thresholding
// by column (see simd.SoftThreshold). The zero value does nothing. A NaN stays.
type Epilogue[T simd.Float] struct {
	Bias  []T // of length n, added to each row; nil is none
	ReLU  bool
	Theta []T // of length n, a threshold a column; nil is none
}

// GemmThen is Gemm, and then the epilogue, in one pass over C:
//
//	C = then(α op(A) op(B) + β C)
func GemmThen[T simd.Float](p *par.Pool, transA, transB bool, m, n, k int,
	alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int, then Epilogue[T]) {
	multiply(p, &problem[T]{
		m: m, n: n, k: k, alpha: alpha, beta: beta, then: then,
		a: operand[T]{a, lda, transA}, b: operand[T]{b, ldb, transB}, c: c, ldc: ldc,
	})
}

// operand is a matrix as it is given: x, or its transpose if trans.
type operand[T simd.Float] struct {
	x     []T
	ld    int
	trans bool
}

// at returns the index of element (i, j) of the matrix after transposition.
func (o *operand[T]) at(i, j int) int {
	if o.trans {
		i, j = j, i
	}
	return i*o.ld + j
}

// problem is what is asked for.
type problem[T simd.Float] struct {
	m, n, k     int
	alpha, beta T
	a, b        operand[T]
	c           []T
	ldc         int
	then        Epilogue[T]
	lower       bool       // only elements on and below the diagonal of C, which is square
	packed      *Packed[T] // B, where that is packed already
}

// multiply checks that the slices reach, which the kernels do not, and runs.
func multiply[T simd.Float](p *par.Pool, x *problem[T]) {
	if x.m <= 0 || x.n <= 0 {
		return
	}
	_ = x.c[(x.m-1)*x.ldc+x.n-1]
	if x.then.Bias != nil {
		_ = x.then.Bias[x.n-1]
	}
	if x.then.Theta != nil {
		_ = x.then.Theta[x.n-1]
	}
	if x.k <= 0 {
		x.k = 0
	} else {
		_, _ = x.a.x[x.a.at(x.m-1, x.k-1)], x.b.x[x.b.at(x.k-1, x.n-1)]
	}
	free := par.CacheOf[product[T]](&products32, &products64)
	job := free.Take()
	defer free.Put(job)
	job.problem = *x
	if lib := Chosen(); lib != nil && job.large() {
		job.lend(p, lib)
	} else {
		job.run(p)
	}
	job.problem = problem[T]{}
}
