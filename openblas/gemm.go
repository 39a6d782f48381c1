package openblas

import (
	"math"
	"unsafe"
)

// request is a call's arguments, in memory that C may read: on the heap, which
// does not move, and with pointers to the matrices, so that they stay there too.
type request struct {
	transA, transB byte
	m, n, k        int64
	lda, ldb, ldc  int64
	s              [2]float32 // α and β
	d              [2]float64

	alpha, beta, a, b, c unsafe.Pointer
	args                 [15]uintptr
}

// Sgemm computes C = α op(A) op(B) + β C, row-major, with op(X) = Xᵀ where the
// flag is set and X where not.
//
// Shapes: op(A) m×k, op(B) k×n, C m×n, all at least 1; lda, ldb and ldc are the
// distances between rows. Of sizes that make no sense, or slices that are shorter than
// their matrices, and of a Library that Open did not return, all of c is NaN.
func (l *Library) Sgemm(
	transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32,
	c []float32, ldc int,
) {
	if l == nil || l.sgemm == 0 || !reaches(transA, transB, m, n, k, len(a), lda, len(b), ldb, len(c), ldc) {
		for i := range c {
			c[i] = float32(math.NaN())
		}
		return
	}
	q := l.ask(transA, transB, m, n, k, lda, ldb, ldc)
	defer l.done(q)
	q.s = [2]float32{alpha, beta}
	q.alpha, q.beta = unsafe.Pointer(&q.s[0]), unsafe.Pointer(&q.s[1])
	q.a, q.b, q.c = unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	q.call(l.sgemm)
}

// Dgemm is Sgemm in float64.
func (l *Library) Dgemm(
	transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64,
	c []float64, ldc int,
) {
	if l == nil || l.dgemm == 0 || !reaches(transA, transB, m, n, k, len(a), lda, len(b), ldb, len(c), ldc) {
		for i := range c {
			c[i] = math.NaN()
		}
		return
	}
	q := l.ask(transA, transB, m, n, k, lda, ldb, ldc)
	defer l.done(q)
	q.d = [2]float64{alpha, beta}
	q.alpha, q.beta = unsafe.Pointer(&q.d[0]), unsafe.Pointer(&q.d[1])
	q.a, q.b, q.c = unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	q.call(l.dgemm)
}

// ask returns a request from the cache.
func (l *Library) ask(transA, transB bool, m, n, k, lda, ldb, ldc int) *request {
	q := l.requests.Take()
	*q = request{
		transA: letter(transA), transB: letter(transB), m: int64(m), n: int64(n), k: int64(k),
		lda: int64(lda), ldb: int64(ldb), ldc: int64(ldc),
	}
	return q
}

// done puts a request back, without what it points to.
func (l *Library) done(q *request) {
	*q = request{}
	l.requests.Put(q)
}

// letter is Fortran's word for op.
func letter(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}

// reaches reports whether matrices of these sizes lie within slices of these lengths; C
// would not notice.
func reaches(transA, transB bool, m, n, k, a, lda, b, ldb, c, ldc int) bool {
	within := func(rows, cols int, trans bool, length, ld int) bool {
		if trans {
			rows, cols = cols, rows
		}
		return rows >= 1 && cols >= 1 && ld >= cols && cols <= length && rows-1 <= (length-cols)/ld
	}
	return within(m, k, transA, a, lda) && within(k, n, transB, b, ldb) && within(m, n, false, c, ldc)
}
