package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// bidiagonal reduces a square matrix to upper bidiagonal form, A = Q B Pᵀ. Columns and
// rows are reduced in panels of some: what is beyond a panel is A − VᵀY − XᵀU, with the
// vectors of its reflectors in the rows of V and U, and is computed by one product.
//
// Source: J. Dongarra, D. Sorensen, S. Hammarling, see tridiagonal.
type bidiagonal[T simd.Float] struct {
	pool       *par.Pool
	n, lda     int
	a          []T
	d, e       []T
	left       []T // row j: the vector of column j, 0 before j and 1 there
	right      []T // row j: that of row j, 0 before j+1 and 1 there
	tauQ, tauP []T

	columns []T // of the panel, as rows
	x, y    []T // rows of X and Y
	both    [2][]T
	parts   []T

	vector  []T // of the product under way
	out     []T
	at      [2]int // first row and column of the matrix in it
	chunks  int
	phase   bidiagonalPhase
	applier compactor[T]
}

type bidiagonalPhase int

const (
	timesRows    bidiagonalPhase = iota // out = A·vector
	timesColumns                        // parts = Aᵀ·vector
)

const gemvRows = 96 // a chunk, at least

func (x *bidiagonal[T]) reduce(p *par.Pool, n int, a []T, lda int) {
	x.pool, x.n, x.a, x.lda = p, n, a, lda
	for _, b := range []*[]T{&x.d, &x.e, &x.tauQ, &x.tauP} {
		*b = grow(*b, n)
	}
	x.left, x.right = grow(x.left, n*n), grow(x.right, n*n)
	for _, b := range []*[]T{&x.columns, &x.x, &x.y} {
		*b = grow(*b, panelRows*n)
	}
	for i := range x.both {
		x.both[i] = grow(x.both[i], 2*panelRows*n)
	}
	x.parts = grow(x.parts, symvChunks*n)
	for lo := 0; lo < n; lo += panelRows {
		b := min(panelRows, n-lo)
		simd.Transpose(x.columns[lo:], n, a[lo*lda+lo:], lda, n-lo, b)
		for k := range b {
			x.column(lo, k)
			x.rowOf(lo, k)
		}
		x.update(lo, b)
	}
	x.a, x.vector, x.out = nil, nil, nil
}

// vectors returns from element from on the k-th row of a panel of V, Y, X and U.
func (x *bidiagonal[T]) vectors(lo, k, from int) (v, y, w, u []T) {
	in := func(m []T, i int) []T { return m[i*x.n+from : (i+1)*x.n] }
	return in(x.left, lo+k), in(x.y, k), in(x.x, k), in(x.right, lo+k)
}

// column reduces column lo+k and computes row k of Y.
func (x *bidiagonal[T]) column(lo, k int) {
	n, j := x.n, lo+k
	c := x.left[j*n : (j+1)*n]
	clear(c[:j])
	c = c[j:]
	copy(c, x.columns[k*n+j:])
	for q := range k {
		v, y, w, u := x.vectors(lo, q, j)
		simd.Axpy(c, -y[0], v)
		simd.Axpy(c, -u[0], w)
	}
	x.d[j], x.tauQ[j] = reflect(c[0], c[1:])
	c[0] = 1
	out := x.y[k*n+j+1 : (k+1)*n]
	if len(out) == 0 {
		return
	}
	if x.tauQ[j] == 0 {
		clear(out)
		return
	}
	x.product(timesColumns, j, j+1, c, out)
	for q := range k {
		v, y, w, u := x.vectors(lo, q, j)
		simd.Axpy(out, -simd.Dot(v, c), y[1:])
		simd.Axpy(out, -simd.Dot(w, c), u[1:])
	}
	simd.Affine(out, x.tauQ[j], out, 0)
}

// rowOf reduces row lo+k and computes row k of X.
func (x *bidiagonal[T]) rowOf(lo, k int) {
	n, j := x.n, lo+k
	r := x.right[j*n : (j+1)*n]
	clear(r[:j+1])
	x.tauP[j] = 0
	r = r[j+1:]
	if len(r) == 0 {
		return
	}
	copy(r, x.a[j*x.lda+j+1:])
	for q := range k + 1 {
		v, y, w, u := x.vectors(lo, q, j)
		simd.Axpy(r, -v[0], y[1:])
		if q < k {
			simd.Axpy(r, -w[0], u[1:])
		}
	}
	x.e[j], x.tauP[j] = reflect(r[0], r[1:])
	r[0] = 1
	out := x.x[k*n+j+1 : (k+1)*n]
	if x.tauP[j] == 0 {
		clear(out)
		return
	}
	x.product(timesRows, j+1, j+1, r, out)
	for q := range k + 1 {
		v, y, w, u := x.vectors(lo, q, j+1)
		simd.Axpy(out, -simd.Dot(y, r), v)
		if q < k {
			simd.Axpy(out, -simd.Dot(u, r), w)
		}
	}
	simd.Affine(out, x.tauP[j], out, 0)
}

// update computes what is left beyond a panel.
func (x *bidiagonal[T]) update(lo, b int) {
	from := lo + b
	m := x.n - from
	if m == 0 {
		return
	}
	for q := range b {
		v, y, w, u := x.vectors(lo, q, from)
		copy(x.both[0][q*m:], v)
		copy(x.both[0][(b+q)*m:], w)
		copy(x.both[1][q*m:], y)
		copy(x.both[1][(b+q)*m:], u)
	}
	Gemm(x.pool, true, false, m, m, 2*b, -1, x.both[0], m, x.both[1], m, 1, x.a[from*x.lda+from:], x.lda)
}

// product stores in out the product of v and the matrix, or its transpose, from row i and
// column j on.
func (x *bidiagonal[T]) product(phase bidiagonalPhase, i, j int, v, out []T) {
	x.phase, x.vector, x.out, x.at = phase, v, out, [2]int{i, j}
	x.chunks = min(symvChunks, ceil(x.n-i, gemvRows))
	p := x.pool
	if x.chunks < 3 {
		p = nil
	}
	p.Run(x, x.chunks, 1)
	if phase == timesColumns {
		copy(out, x.parts)
		for c := 1; c < x.chunks; c++ {
			simd.Add(out, out, x.parts[c*x.n:])
		}
	}
}

// Range multiplies some chunks of rows.
func (x *bidiagonal[T]) Range(_, from, to int) {
	i, j := x.at[0], x.at[1]
	rows, cols := x.n-i, x.n-j
	each := ceil(ceil(rows, x.chunks), simd.Four) * simd.Four // of the last chunk less, or nothing
	var none [simd.Four]T
	for c := from; c < to; c++ {
		part := x.parts[c*x.n : c*x.n+cols]
		clear(part)
		for r := c * each; r < min((c+1)*each, rows); r += simd.Four {
			a := x.a[(i+r)*x.lda+j:]
			switch count := rows - r; {
			case count >= simd.Four && x.phase == timesRows:
				simd.BothWays(a, x.lda, x.vector, part, &none, (*[simd.Four]T)(x.out[r:]))
			case count >= simd.Four:
				var sums [simd.Four]T // of no account
				weights := [simd.Four]T(x.vector[r:])
				simd.BothWays(a, x.lda, a[:cols], part, &weights, &sums)
			case x.phase == timesRows:
				for l := range count {
					x.out[r+l] = simd.Dot(a[l*x.lda:l*x.lda+cols], x.vector)
				}
			default:
				for l := range count {
					simd.Axpy(part, x.vector[r+l], a[l*x.lda:l*x.lda+cols])
				}
			}
		}
	}
}
