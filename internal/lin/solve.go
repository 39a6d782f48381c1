package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// kind is what a system asks for.
type kind struct {
	inverse  bool // B := L⁻ᵀ L⁻¹, B n×n; else
	right    bool // B is cols×n, and Bᵀ is solved for; else B is n×cols, and
	forward  bool // B := L⁻¹ B, then
	backward bool // B := L⁻ᵀ B
}

// system solves triangular systems. The columns of B (for right, its rows) are
// independent: they are copied, a tile's width at a time, to a strip of which
// the rows lie one behind the other, solved there and copied back. In a strip
// the rows are solved by blocks as high as a tile,
//
//	X[I] = L[I,I]⁻¹ (B[I] − L[I,:I] X[:I]),
//
// a call of the micro-kernel of products and one of that of triangles. L is read
// in place. A strip is float64 whatever T is.
type system[T simd.Float] struct {
	kind
	n, cols      int
	l            []float64
	ldl          int
	b            []T
	ldb          int
	tile         simd.Tile[float64]
	triangle     simd.Triangle
	inv          []float64 // reciprocals of the diagonal of L
	strips       []float64 // one a worker
	width, strip int       // columns and elements of a strip
}

// solve runs a system on a job from the cache.
func solve[T simd.Float](p *par.Pool, ask *system[T]) {
	if ask.n <= 0 || ask.cols <= 0 {
		return
	}
	rows, cols := ask.n, ask.cols
	if ask.right {
		rows, cols = cols, rows
	}
	_, _ = ask.l[(ask.n-1)*ask.ldl+ask.n-1], ask.b[(rows-1)*ask.ldb+cols-1]
	free := par.CacheOf[system[T]](&systems32, &systems64)
	x := free.Take()
	defer free.Put(x)
	inv, strips := x.inv, x.strips
	*x = *ask
	x.inv, x.strips = inv, strips
	x.run(p)
	x.l, x.b = nil, nil
}

func (x *system[T]) run(p *par.Pool) {
	if float64(x.n)*float64(x.n)*float64(x.cols) < serialProducts {
		p = nil
	}
	x.tile, x.triangle = simd.NewTile[float64](), simd.NewTriangle()
	x.width = x.tile.Cols
	x.strip = (x.n + 1) * x.width // and a row of padding between workers
	x.inv = grow(x.inv, x.n)
	x.strips = grow(x.strips, p.Workers()*x.strip)
	for i := range x.inv {
		x.inv[i] = 1 / x.l[i*x.ldl+i]
	}
	p.Run(x, ceil(x.cols, x.width), 1)
}

// Range solves some strips.
func (x *system[T]) Range(worker, lo, hi int) {
	strip := x.strips[worker*x.strip : (worker+1)*x.strip]
	for s := lo; s < hi; s++ {
		j := s * x.width
		used := min(x.width, x.cols-j)
		switch {
		case x.inverse:
			x.invert(strip, j, used)
		case x.right:
			simd.Transpose(strip, x.width, x.b[j*x.ldb:], x.ldb, used, x.n)
			x.sweep(strip)
			simd.Transpose(x.b[j*x.ldb:], x.ldb, strip, x.width, x.n, used)
		default:
			simd.Copy(strip, x.width, x.b[j:], x.ldb, x.n, used)
			x.sweep(strip)
			simd.Copy(x.b[j:], x.ldb, strip, x.width, x.n, used)
		}
	}
}

// sweep solves for a strip.
func (x *system[T]) sweep(strip []float64) {
	if x.kind.forward {
		x.forwards(strip, 0)
	}
	if x.kind.backward {
		x.backwards(strip, 0)
	}
}

// invert computes columns j, …, j+used-1 of the inverse from row j on, and
// their mirror image.
func (x *system[T]) invert(strip []float64, j, used int) {
	clear(strip[:(x.n-j)*x.width])
	for i := range used {
		strip[i*x.width+i] = 1
	}
	x.forwards(strip, j)
	x.backwards(strip, j)
	for i := range used { // rows that the diagonal crosses
		simd.Copy(x.b[(j+i)*x.ldb+j:], x.ldb, strip[i*x.width:], x.width, 1, i+1)
	}
	if below := j + used; below < x.n {
		simd.Copy(x.b[below*x.ldb+j:], x.ldb, strip[used*x.width:], x.width, x.n-below, used)
	}
	mirror(x.b, x.ldb, j, x.n, j, j+used)
}

// forwards solves L X = X for the trailing block of L from row and column first on.
func (x *system[T]) forwards(strip []float64, first int) {
	x.substitute(x.n-first, x.l[first*(x.ldl+1):], 0, x.ldl, 1, x.inv[first:], 0, 1, strip, 0, x.width)
}

// backwards solves Lᵀ X = X for that block. With rows and columns in reverse
// order, Lᵀ is lower triangular.
func (x *system[T]) backwards(strip []float64, first int) {
	n := x.n - first
	x.substitute(n, x.l[first*(x.ldl+1):], (n-1)*(x.ldl+1), -1, -x.ldl, x.inv[first:], n-1, -1, strip, (n-1)*x.width,
		-x.width)
}

// substitute solves T X = X, where T[i,p] = l[at + i·rs + p·cs] for p ≤ i < n,
// with the reciprocals inv[invAt + i·is] of its diagonal, and row i of X begins
// at strip[xAt + i·ldx]. The first block takes what n is more than a multiple of
// a tile's height, so that no tile reads beyond T.
func (x *system[T]) substitute(
	n int, l []float64, at, rs, cs int, inv []float64, invAt, is int, strip []float64, xAt, ldx int,
) {
	h := x.tile.Rows
	rows := (n-1)%h + 1
	for i := 0; i < n; i += rows {
		if i > 0 {
			rows = h
			x.tile.Call(i, &l[at+i*rs], rs, cs, &strip[xAt], ldx, &strip[xAt+i*ldx], ldx, rows, x.width, -1, 1)
		}
		x.triangle.Solve(rows, &l[at+i*(rs+cs)], rs, cs, &inv[invAt+i*is], is, &strip[xAt+i*ldx], ldx)
	}
}
