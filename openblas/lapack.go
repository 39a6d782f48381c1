package openblas

import "unsafe"

// lapack are addresses of the routines of LAPACK, 0 where the library lacks them.
type lapack struct{ syevd, gesdd, geqrf uintptr }

// command is a call's arguments in memory that C may read, as request.
type command struct {
	job, triangle                byte
	m, n, lda, ldu, ldvt         int64
	lwork, liwork, info          int64
	a, values, u, vt, work, iwrk unsafe.Pointer
	args                         [15]uintptr
}

// Ssyevd overwrites the symmetric matrix a by its eigenvectors, a row each, and stores the
// eigenvalues, ascending, in values, by LAPACK's ssyevd. Of a the lower triangle is read.
//
// Shapes: a n×n, lda the distance between rows. It reports whether it did: not where the
// library has no LAPACK, sizes make no sense or slices are short, or the iteration did not
// converge; a may be spoilt then.
func (l *Library) Ssyevd(n int, a []float32, lda int, values []float32) (ok bool) {
	return l != nil && syevd(l, l.single.syevd, n, a, lda, values)
}

// Dsyevd is Ssyevd in float64.
func (l *Library) Dsyevd(n int, a []float64, lda int, values []float64) (ok bool) {
	return l != nil && syevd(l, l.double.syevd, n, a, lda, values)
}

// Sgesdd stores the singular values of a, descending, in values, and its left vectors in the
// columns of u and the right ones in the rows of vt, as many as there are values, by LAPACK's
// sgesdd; a is spoilt. u and vt may both be nil.
//
// Shapes: a m×n, k = min(m, n) values, u m×k, vt k×n. It reports whether it did, as Ssyevd.
func (l *Library) Sgesdd(m, n int, a []float32, lda int, values, u []float32, ldu int, vt []float32, ldvt int) (
	ok bool) {
	return l != nil && gesdd(l, l.single.gesdd, m, n, a, lda, values, u, ldu, vt, ldvt)
}

// Dgesdd is Sgesdd in float64.
func (l *Library) Dgesdd(m, n int, a []float64, lda int, values, u []float64, ldu int, vt []float64, ldvt int) (
	ok bool) {
	return l != nil && gesdd(l, l.double.gesdd, m, n, a, lda, values, u, ldu, vt, ldvt)
}

// Sgeqrf decomposes the matrix whose columns are the rows of a, by LAPACK's sgeqrf: R is left
// on and before the diagonal, the vector of reflector j behind it in row j, whose first element
// is 1, its factor in tau.
//
// Shapes: a n×m, for n columns of length m; min(m, n) of tau. It reports whether it did, as
// Ssyevd.
func (l *Library) Sgeqrf(m, n int, a []float32, lda int, tau []float32) (ok bool) {
	return l != nil && geqrf(l, l.single.geqrf, m, n, a, lda, tau)
}

// Dgeqrf is Sgeqrf in float64.
func (l *Library) Dgeqrf(m, n int, a []float64, lda int, tau []float64) (ok bool) {
	return l != nil && geqrf(l, l.double.geqrf, m, n, a, lda, tau)
}

// pointer returns where a slice begins.
func pointer[T any](x []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }

// fits reports whether a rows×cols matrix lies within a slice.
func fits(rows, cols, length, ld int) bool {
	return rows >= 1 && cols >= 1 && ld >= cols && ld < 1<<31 && cols <= length && rows-1 <= (length-cols)/ld
}

func at[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// syevd runs the routine at f. A row-major lower triangle is the upper one by columns, and the
// columns of the vectors are rows.
func syevd[T float32 | float64](l *Library, f uintptr, n int, a []T, lda int, values []T) bool {
	if f == 0 || !fits(n, n, len(a), lda) || len(values) < n {
		return false
	}
	q := &command{job: 'V', triangle: 'U', n: int64(n), lda: int64(lda), a: pointer(a), values: pointer(values)}
	return q.twice(pointerOf[T], func() {
		q.args = [15]uintptr{at(&q.job), at(&q.triangle), at(&q.n), uintptr(q.a), at(&q.lda), uintptr(q.values),
			uintptr(q.work), at(&q.lwork), uintptr(q.iwrk), at(&q.liwork), at(&q.info), 1, 1}
		q.call(f)
	})
}

// gesdd runs the routine at f, of Aᵀ by columns: its left vectors are the right ones of A.
func gesdd[T float32 | float64](l *Library, f uintptr, m, n int, a []T, lda int, values, u []T, ldu int, vt []T,
	ldvt int) bool {
	k := min(m, n)
	if f == 0 || !fits(m, n, len(a), lda) || len(values) < k || (u == nil) != (vt == nil) {
		return false
	}
	q := &command{job: 'N', m: int64(n), n: int64(m), lda: int64(lda), ldu: 1, ldvt: 1, a: pointer(a),
		values: pointer(values), iwrk: pointer(make([]int64, 8*k))}
	if u != nil {
		if !fits(m, k, len(u), ldu) || !fits(k, n, len(vt), ldvt) {
			return false
		}
		q.job, q.u, q.vt, q.ldu, q.ldvt = 'S', pointer(vt), pointer(u), int64(ldvt), int64(ldu)
	}
	return q.twice(pointerOf[T], func() {
		q.args = [15]uintptr{at(&q.job), at(&q.m), at(&q.n), uintptr(q.a), at(&q.lda), uintptr(q.values), uintptr(q.u),
			at(&q.ldu), uintptr(q.vt), at(&q.ldvt), uintptr(q.work), at(&q.lwork), uintptr(q.iwrk), at(&q.info), 1}
		q.call(f)
	})
}

func geqrf[T float32 | float64](l *Library, f uintptr, m, n int, a []T, lda int, tau []T) bool {
	if f == 0 || !fits(n, m, len(a), lda) || len(tau) < min(m, n) {
		return false
	}
	q := &command{m: int64(m), n: int64(n), lda: int64(lda), a: pointer(a), values: pointer(tau)}
	return q.twice(pointerOf[T], func() {
		q.args = [15]uintptr{at(&q.m), at(&q.n), uintptr(q.a), at(&q.lda), uintptr(q.values), uintptr(q.work),
			at(&q.lwork), at(&q.info)}
		q.call(f)
	})
}

// pointerOf makes room for n numbers, and reads the first.
func pointerOf[T float32 | float64](n int) (p unsafe.Pointer, first func() float64) {
	x := make([]T, n)
	return pointer(x), func() float64 { return float64(x[0]) }
}

// twice runs call to ask for the size of its workspace, and with that; it reports whether
// LAPACK did what it was asked.
func (q *command) twice(room func(n int) (unsafe.Pointer, func() float64), call func()) bool {
	var first func() float64
	q.work, first = room(1)
	integers, has := make([]int64, 1), q.iwrk != nil
	if !has {
		q.iwrk = pointer(integers)
	}
	q.lwork, q.liwork = -1, -1
	call()
	if int32(q.info) != 0 {
		return false
	}
	size := int(first()*(1+0x1p-20)) + 1 // a float32 may have rounded it down
	q.work, _ = room(size)
	q.lwork = int64(size)
	if !has {
		size = max(1, int(int32(integers[0])))
		q.iwrk, q.liwork = pointer(make([]int64, size)), int64(size)
	}
	call()
	return int32(q.info) == 0
}
