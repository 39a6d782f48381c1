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
	k := min(m, n)
	if k <= 0 {
		return nil
	}
	_, _ = a[(m-1)*lda+n-1], values[k-1]
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
	x.solveSquare(p, k, square)
	for i := range k {
		values[i] = T(math.Ldexp(x.divide.s[x.divide.order[k-1-i]], e))
	}
	if m < n {
		x.store(p, tall, k, vt, ldvt, true, u, ldu, false)
	} else {
		x.store(p, tall, k, u, ldu, false, vt, ldvt, true)
	}
	return nil
}

// solveSquare leaves the vectors of the bidiagonal matrix in u and v, in the order of the
// values.
func (x *Singular[T]) solveSquare(p *par.Pool, k int, a []T) {
	x.reduced.reduce(p, k, a, k)
	d := &x.divide
	d.d, d.e = grow(d.d, k), grow(d.e, k)
	for i := range k {
		d.d[i], d.e[i] = float64(x.reduced.d[i]), 0
		if i < k-1 {
			d.e[i] = float64(x.reduced.e[i])
		}
	}
	x.u, x.v = grow(x.u, k*k), grow(x.v, (k+1)*(k+1))
	d.solve(p, k, x.u, k, x.v, k+1)
}

// store turns the vectors into those of the matrix: left ones by Q of the reduction, and of
// the QR decomposition if there was one, to long; right ones to short. rows says whether a
// vector is a row there.
func (x *Singular[T]) store(p *par.Pool, tall, k int, long []T, ldLong int, rowsLong bool,
	short []T, ldShort int, rowsShort bool) {
	r, order := &x.reduced, x.divide.order[:k]
	if short != nil {
		x.wide = grow(x.wide, k*k)
		for i := range k {
			copy(x.wide[i*k:(i+1)*k], x.v[order[k-1-i]*(k+1):])
		}
		r.back(p, r.right, r.tauP, x.wide)
		put(short, ldShort, x.wide, k, k, k, rowsShort)
	}
	if long == nil {
		return
	}
	x.wide = grow(x.wide, tall*k)
	for i := range k {
		copy(x.wide[i*k:(i+1)*k], x.u[order[k-1-i]*k:])
	}
	r.back(p, r.left, r.tauQ, x.wide[:k*k])
	if tall == k {
		put(long, ldLong, x.wide, k, k, k, rowsLong)
		return
	}
	columns := grow(x.u, tall*k)
	x.u = columns
	simd.Transpose(columns, k, x.wide, k, k, k)
	clear(columns[k*k : tall*k])
	x.qr.Apply(p, k, columns, k)
	if rowsLong {
		simd.Transpose(long, ldLong, columns, k, tall, k)
	} else {
		simd.Copy(long, ldLong, columns, k, tall, k)
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

// back overwrites the rows of s, n×n, by s H_{n−1} … H₀ for the reflectors in the rows of v.
func (x *bidiagonal[T]) back(p *par.Pool, v, tau, s []T) {
	n := x.n
	for lo := (n - 1) / blockRows * blockRows; lo >= 0; lo -= blockRows {
		b := min(blockRows, n-lo)
		x.applier.right(p, true, n, b, n-lo, v[lo*n+lo:], n, tau[lo:], s[lo:], n)
	}
}
