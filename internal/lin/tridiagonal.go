package lin

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// tridiagonal reduces a symmetric matrix to tridiagonal form, A = Q D Qᵀ, row by row from
// the last on. Row i keeps the vector of reflector i, of length i, whose last element is
// 1; Q = H_{n−1} … H₂ H₁. Rows are reduced in panels of some: the matrix before a panel
// is changed by one product of twice as many columns.
//
// Source: J. Dongarra, D. Sorensen, S. Hammarling. Block reduction of matrices to condensed
// forms for eigenvalue computations. J. Comput. Appl. Math. 27, 1989.
type tridiagonal[T simd.Float] struct {
	pool      *par.Pool
	n, lda    int
	a         []T
	d, e, tau []T // diagonal; e[i] couples i and i+1; tau[i] is of row i

	w          []T // row i of a panel: W, so that A − VᵀW − WᵀV is what is left
	left, both []T // [V; W] and [W; V]
	parts      []T // partial sums of a product with the matrix

	v       []T // of the product under way
	chunks  int
	applier compactor[T]
}

const (
	panelRows  = 24
	symvRows   = 128 // of the matrix, a chunk of a product with it, about
	symvChunks = 8   // at most
)

func (x *tridiagonal[T]) reduce(p *par.Pool, n int, a []T, lda int) {
	x.pool, x.n, x.a, x.lda = p, n, a, lda
	x.d, x.e, x.tau = grow(x.d, n), grow(x.e, n), grow(x.tau, n)
	x.w = grow(x.w, panelRows*n)
	x.left, x.both = grow(x.left, 2*panelRows*n), grow(x.both, 2*panelRows*n)
	x.parts = grow(x.parts, symvChunks*n)
	for hi := n; hi > 0; {
		b := min(panelRows, hi)
		x.panel(hi, b)
		hi -= b
		if hi > 0 {
			x.update(hi, b)
		}
	}
}

// row returns the first elements of row i.
func (x *tridiagonal[T]) row(i, count int) []T { return x.a[i*x.lda : i*x.lda+count] }

// panel reduces the rows hi-1, …, hi-b.
func (x *tridiagonal[T]) panel(hi, b int) {
	n := x.n
	for k := range b {
		i := hi - 1 - k
		row := x.row(i, i+1)
		for q := range k {
			v, w := x.row(hi-1-q, i+1), x.w[q*n:q*n+i+1]
			simd.Axpy(row, -w[i], v)
			simd.Axpy(row, -v[i], w)
		}
		x.d[i] = row[i]
		if i == 0 {
			return
		}
		x.e[i-1], x.tau[i] = reflect(row[i-1], row[:i-1])
		row[i-1] = 1
		x.image(row[:i], hi, k)
	}
}

// image stores row k of W for the vector v of a reflector.
func (x *tridiagonal[T]) image(v []T, hi, k int) {
	i, n := len(v), x.n
	w, tau := x.w[k*n:k*n+i], x.tau[i]
	if tau == 0 {
		clear(w)
		return
	}
	x.symv(w, v)
	for q := range k {
		vq, wq := x.row(hi-1-q, i), x.w[q*n:q*n+i]
		along, across := simd.Dot(wq, v), simd.Dot(vq, v)
		simd.Axpy(w, -along, vq)
		simd.Axpy(w, -across, wq)
	}
	simd.Affine(w, tau, w, 0)
	simd.Axpy(w, -tau/2*simd.Dot(w, v), v)
}

// update subtracts VᵀW + WᵀV from the first m rows, their lower triangle.
func (x *tridiagonal[T]) update(m, b int) {
	for q := range b {
		v, w := x.row(m+b-1-q, m), x.w[q*x.n:q*x.n+m]
		copy(x.left[q*m:], v)
		copy(x.left[(b+q)*m:], w)
		copy(x.both[q*m:], w)
		copy(x.both[(b+q)*m:], v)
	}
	multiply(x.pool, &problem[T]{
		m: m, n: m, k: 2 * b, alpha: -1, beta: 1, lower: true,
		a: operand[T]{x.left, m, true}, b: operand[T]{x.both, m, false}, c: x.a, ldc: x.lda,
	})
}

// symv stores in y the product of the first len(v) rows and columns and v.
func (x *tridiagonal[T]) symv(y, v []T) {
	x.v = v
	x.chunks = min(symvChunks, ceil(len(v), symvRows))
	p := x.pool
	if x.chunks < 3 {
		p = nil
	}
	p.Run(x, x.chunks, 1)
	copy(y, x.parts[(x.chunks-1)*x.n:])
	for c := x.chunks - 2; c >= 0; c-- {
		end := x.bound(c + 1)
		simd.Add(y[:end], y[:end], x.parts[c*x.n:])
	}
}

// bound returns where chunk c begins: all have as many elements of the triangle.
func (x *tridiagonal[T]) bound(c int) int {
	if c == x.chunks {
		return len(x.v)
	}
	return int(float64(len(x.v))*math.Sqrt(float64(c)/float64(x.chunks))) / simd.Four * simd.Four
}

// Range computes the partial sums of some chunks.
func (x *tridiagonal[T]) Range(_, from, to int) {
	for c := from; c < to; c++ {
		lo, hi := x.bound(c), x.bound(c+1)
		y := x.parts[c*x.n : c*x.n+hi]
		clear(y)
		for r := lo; r < hi; r += simd.Four {
			x.rows(y, r, min(simd.Four, hi-r))
		}
	}
}

// rows adds the share of rows r, …, r+count-1 and of what mirrors them.
func (x *tridiagonal[T]) rows(y []T, r, count int) {
	var sums [simd.Four]T
	if count == simd.Four {
		weights := [simd.Four]T(x.v[r:])
		simd.BothWays(x.a[r*x.lda:], x.lda, x.v[:r], y[:r], &weights, &sums)
	} else {
		for i := range count {
			row := x.row(r+i, r)
			sums[i] = simd.Dot(row, x.v[:r])
			simd.Axpy(y[:r], x.v[r+i], row)
		}
	}
	for i := range count {
		row := x.a[(r+i)*x.lda+r:]
		for j := range i {
			sums[i] += row[j] * x.v[r+j]
			sums[j] += row[j] * x.v[r+i]
		}
		sums[i] += row[i] * x.v[r+i]
	}
	for i := range count {
		y[r+i] += sums[i]
	}
}

// back overwrites the rows of s, eigenvectors of the tridiagonal matrix, by those of A.
func (x *tridiagonal[T]) back(rows int, s []T, lds int) {
	const b = blockRows
	v := grow(x.left, b*x.n)
	x.left = v
	for lo := 1; lo < x.n; lo += b {
		count := min(b, x.n-lo)
		width := lo + count - 1
		for i := range count {
			copy(v[i*width:], x.row(lo+i, lo+i))
			clear(v[i*width+lo+i : (i+1)*width])
		}
		x.applier.right(x.pool, false, rows, count, width, v, width, x.tau[lo:], s, lds)
	}
}
