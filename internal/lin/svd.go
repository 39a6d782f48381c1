package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Singular computes singular value decompositions,
//
//	A = U diag(values) Vᵀ,  UᵀU = VᵀV = I.
//
// It is the workspace too: it grows to the largest shape that it has seen and then
// allocates nothing. The zero value is ready; one matrix at a time.
type Singular[T simd.Float] struct {
	qr      Orthogonal[T]
	reduced bidiagonal[T]
	divide  bidivided[T]

	tall, square []T // A or its transpose; a copy of it or of R
	u, v         []T // rows: left and right vectors of the bidiagonal matrix
	wide         []T
}

// Solve stores the singular values, descending, in values, the left vectors in the columns
// of u, and the right vectors in the rows of vt. u and vt may be nil.
//
// Shapes: a m×n, which is left as it is, k = min(m, n) values, u m×k, vt k×n. Entries may be
// of any magnitude: a matrix with an entry above 2⁴⁰ or none above 2⁻⁴⁰ is scaled by a power
// of 2. Errors: ErrNotFinite for entries that are not finite.
//
// Cost: 2·max·k² − 2k³/3 flops for the QR decomposition of what is not square, 8k³/3 for
// the reduction to bidiagonal form, of which half are products with a vector, limited by
// memory, and up to 12k³ in products for the vectors.
func (x *Singular[T]) Solve(p *par.Pool, m, n int, a []T, lda int,
	values, u []T, ldu int, vt []T, ldvt int) error {
	return x.Leading(p, m, n, min(m, n), a, lda, values, u, ldu, vt, ldvt)
}

// Leading is Solve for the count largest singular values.
//
// Shapes: count values, u m×count, vt count×n, count ≤ min(m, n). Errors: those of Solve.
//
// Cost: the decompositions of Solve, which are most of it for a small count; of the vectors
// 4 count·k² and 2 count·k·max flops.
func (x *Singular[T]) Leading(p *par.Pool, m, n, count int, a []T, lda int,
	values, u []T, ldu int, vt []T, ldvt int) error {
	k := min(m, n)
	if count <= 0 {
		return nil
	}
	_, _ = a[(m-1)*lda+n-1], values[count-1]
	if count == k && (u == nil) == (vt == nil) {
		if done, err := x.lend(m, n, a, lda, values, u, ldu, vt, ldvt); done || err != nil {
			return err
		}
	}
	tall := max(m, n)
	x.tall = grow(x.tall, tall*k)
	if m >= n {
		simd.Copy(x.tall, k, a, lda, m, n)
	} else {
		simd.Transpose(x.tall, k, a, lda, m, n)
	}
	e, err := normalizeFull(tall, k, x.tall, k)
	if err != nil {
		return err
	}
	square := x.tall
	if tall > k {
		if err := x.qr.Factor(p, tall, k, x.tall, k); err != nil {
			return err
		}
		x.square = grow(x.square, k*k)
		square = x.square
		for i := range k {
			clear(square[i*k : i*k+i])
			copy(square[i*k+i:(i+1)*k], x.tall[i*k+i:])
		}
	}
	x.reduced.reduce(p, k, square, k)
	if m < n {
		x.divideSquare(p, k, count, vt != nil)
		x.store(p, tall, k, count, vt, ldvt, true, u, ldu, false)
	} else {
		x.divideSquare(p, k, count, u != nil)
		x.store(p, tall, k, count, u, ldu, false, vt, ldvt, true)
	}
	for i := range count {
		values[i] = T(math.Ldexp(x.divide.values[x.divide.order[k-1-i]], e))
	}
	return nil
}

// lend is Solve by the library that was chosen, and reports whether there is one.
func (x *Singular[T]) lend(m, n int, a []T, lda int, values, u []T, ldu int, vt []T, ldvt int) (
	done bool, err error) {
	l := lapack(min(m, n))
	if l == nil {
		return false, nil
	}
	x.tall = grow(x.tall, m*n)
	simd.Copy(x.tall, n, a, lda, m, n)
	for i := range m {
		if v := simd.MaxAbs(x.tall[i*n : (i+1)*n]); v-v != 0 {
			return false, ErrNotFinite
		}
	}
	switch s := any(values).(type) {
	case []float32:
		done = l.Sgesdd(m, n, any(x.tall).([]float32), n, s, any(u).([]float32), ldu, any(vt).([]float32), ldvt)
	case []float64:
		done = l.Dgesdd(m, n, any(x.tall).([]float64), n, s, any(u).([]float64), ldu, any(vt).([]float64), ldvt)
	}
	return done, nil
}

// divideSquare leaves the vectors of the bidiagonal matrix in v and, if they are wanted, u.
func (x *Singular[T]) divideSquare(p *par.Pool, k, count int, left bool) {
	d := &x.divide
	d.d, d.e = grow(d.d, k), grow(d.e, k)
	for i := range k {
		d.d[i], d.e[i] = float64(x.reduced.d[i]), 0
		if i < k-1 {
			d.e[i] = float64(x.reduced.e[i])
		}
	}
	x.v = grow(x.v, (k+1)*(k+1))
	u := []T(nil)
	if left {
		x.u = grow(x.u, k*k)
		u = x.u
	}
	d.vectors(p, k, count, u, k, x.v, k+1)
}

// store turns the vectors into those of the matrix: left ones by Q of the reduction, and of
// the QR decomposition if there was one, to long; right ones to short. rows says whether a
// vector is a row there.
func (x *Singular[T]) store(p *par.Pool, tall, k, count int, long []T, ldLong int, rowsLong bool,
	short []T, ldShort int, rowsShort bool) {
	r, order := &x.reduced, x.divide.order[:k]
	x.wide = grow(x.wide, count*k)
	if short != nil {
		for i := range count {
			copy(x.wide[i*k:(i+1)*k], x.v[order[k-1-i]*(k+1):])
		}
		r.back(p, count, r.right, r.tauP, x.wide)
		put(short, ldShort, x.wide, k, count, k, rowsShort)
	}
	if long == nil {
		return
	}
	for i := range count {
		copy(x.wide[i*k:(i+1)*k], x.u[order[k-1-i]*k:])
	}
	r.back(p, count, r.left, r.tauQ, x.wide)
	if tall == k {
		put(long, ldLong, x.wide, k, count, k, rowsLong)
		return
	}
	columns := grow(x.u, tall*count)
	x.u = columns
	simd.Transpose(columns, count, x.wide, k, count, k)
	clear(columns[k*count : tall*count])
	x.qr.Apply(p, count, columns, count)
	if rowsLong {
		simd.Transpose(long, ldLong, columns, count, tall, count)
	} else {
		simd.Copy(long, ldLong, columns, count, tall, count)
	}
}

// put stores rows×cols vectors, one a row, as rows or as columns.
func put[T simd.Float](dst []T, ldd int, src []T, lds, rows, cols int, asRows bool) {
	if asRows {
		simd.Copy(dst, ldd, src, lds, rows, cols)
	} else {
		simd.Transpose(dst, ldd, src, lds, rows, cols)
	}
}

// back overwrites some rows of s, as long as n, by s H_{n−1} … H₀ for the reflectors in the
// rows of v.
func (x *bidiagonal[T]) back(p *par.Pool, rows int, v, tau, s []T) {
	n := x.n
	for lo := (n - 1) / blockRows * blockRows; lo >= 0; lo -= blockRows {
		b := min(blockRows, n-lo)
		x.applier.right(p, true, rows, b, n-lo, v[lo*n+lo:], n, tau[lo:], s[lo:], n)
	}
}
