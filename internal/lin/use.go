package lin

import (
	"sync/atomic"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// BLAS is another implementation of matrix products, row-major; see Gemm for the
// arguments. Its methods may be called by several goroutines at once and must not
// start threads of their own.
type BLAS interface {
	Sgemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32,
		c []float32, ldc int)
	Dgemm(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64,
		c []float64, ldc int)
}

// LAPACK is a BLAS with dense decompositions too; see openblas.Library for the arguments. Each
// reports whether it did.
type LAPACK interface {
	Ssyevd(n int, a []float32, lda int, values []float32) bool
	Dsyevd(n int, a []float64, lda int, values []float64) bool
	Sgesdd(m, n int, a []float32, lda int, values, u []float32, ldu int, vt []float32, ldvt int) bool
	Dgesdd(m, n int, a []float64, lda int, values, u []float64, ldu int, vt []float64, ldvt int) bool
	Sgeqrf(m, n int, a []float32, lda int, tau []float32) bool
	Dgeqrf(m, n int, a []float64, lda int, tau []float64) bool
}

// lentOrder is the shorter side of a matrix from which it pays to call another library's
// decompositions.
const lentOrder = 64

// lapack returns the chosen library, if it has decompositions and the order is worth a call.
func lapack(order int) LAPACK {
	if order < lentOrder {
		return nil
	}
	l, _ := Chosen().(LAPACK)
	return l
}

// chosen is what Use was given last.
var chosen atomic.Pointer[BLAS]

// Use lets b compute the larger products of the process from now on, and its larger
// eigenproblems, singular value and QR decompositions if it is a LAPACK; nil is the
// kernels of this module again. Gram matrices, triangular systems and factors
// keep their own kernels. It is a property of the process, as the instruction set
// is, and may be called while nothing is computed.
//
// Results still have the same bits on any number of workers, for rows are split
// by the shapes alone, as far as b is deterministic; they differ in the last bits
// from those of our kernels.
func Use(b BLAS) {
	if b == nil {
		chosen.Store(nil)
		return
	}
	chosen.Store(&b)
}

// Chosen returns what Use was given last, nil for the kernels of this module.
func Chosen() BLAS {
	if b := chosen.Load(); b != nil {
		return *b
	}
	return nil
}

// large reports whether a product is worth a call of another library, and one
// that libraries have.
func (x *product[T]) large() bool {
	return !x.lower && x.k > 0 && float64(x.m)*float64(x.n)*float64(x.k) >= serialProducts
}

const (
	lentChunks = 16 // of a product, at most; each packs B anew
	lentRows   = 64 // of a chunk, at least
)

// lend computes the product by another library, rows of C in parallel.
func (x *product[T]) lend(p *par.Pool, b BLAS) {
	x.phase, x.lender = lends, b
	x.i0, x.j0 = 0, 0
	p.Run(x, x.m, max(lentRows, ceil(x.m, lentChunks)))
	x.lender = nil
}

// lendRows computes rows lo, …, hi-1.
func (x *product[T]) lendRows(lo, hi int) {
	at, ct := x.a.at(lo, 0), lo*x.ldc
	switch q := any(&x.problem).(type) {
	case *problem[float32]:
		x.lender.Sgemm(q.a.trans, q.b.trans, hi-lo, q.n, q.k, q.alpha, q.a.x[at:], q.a.ld, q.b.x, q.b.ld, q.beta,
			q.c[ct:], q.ldc)
	case *problem[float64]:
		x.lender.Dgemm(q.a.trans, q.b.trans, hi-lo, q.n, q.k, q.alpha, q.a.x[at:], q.a.ld, q.b.x, q.b.ld, q.beta,
			q.c[ct:], q.ldc)
	}
	x.finish(lo, hi, 0, x.n)
}
