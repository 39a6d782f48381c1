package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

type float = simd.Float

// maxDepth is the rows of patches that are multiplied at a time: with a tile's
// columns they stay in the second-level cache, as lin.Gemm's panels do.
const maxDepth = 320

// target is where column (i, y, x) of row m of a product goes: element
//
//	dst[i, m0 + m, y·step[0] + at[0], x·step[1] + at[1]]
type target[T float] struct {
	dst      []T
	all      int // channels of dst
	m0       int
	h, w     int // of an image of dst
	step, at [2]int
}

// A product is A·patches: A is m×K, packed by pack in panels as high as a tile.
type product[T float] struct {
	tile  simd.Tile[T]
	m, k  int
	a     []T // panel r is a[r·K·Rows:], element (i, l) at l·Rows + i
	in    patches[T]
	out   target[T]
	depth int
	parts int // into which the panels of A are split, where columns are few
}

// buffer is what one worker needs of a product.
type buffer[T float] struct {
	b, c   []T
	runs   []run
	pieces []simd.Piece
}

var (
	buffers32 par.Cache[buffer[float32]]
	buffers64 par.Cache[buffer[float64]]
)

// newProduct plans a product with A in the memory a.
func newProduct[T float](m int, a []T, in patches[T], out target[T]) *product[T] {
	if out.step == [2]int{1, 1} && in.flatten() {
		out.w *= out.h
		out.h = 1
	}
	x := &product[T]{tile: simd.NewTile[T](), m: m, k: in.rows(), a: a, in: in, out: out}
	x.depth = split(x.k, maxDepth)
	x.parts = min(max(1, 32/max(x.blocks(), 1)), x.panels())
	return x
}

// split returns the size of the parts, of at most most, that n is cut into.
func split(n, most int) int {
	parts := max(1, ceil(n, most))
	return max(1, ceil(n, parts))
}

// whole returns the columns of whole vectors that hold n.
func whole(n int) int { return ceil(n, simd.PickLanes) * simd.PickLanes }

func ceil(a, b int) int { return (a + b - 1) / b }

func (x *product[T]) panels() int { return ceil(x.m, x.tile.Rows) }
func (x *product[T]) blocks() int { return ceil(x.in.cols(), x.tile.Cols) }

// run multiplies, with the workers of p.
func (x *product[T]) run(p *par.Pool) { p.Run(x, x.blocks()*x.parts, 1) }

// Range computes some parts of some blocks of columns.
func (x *product[T]) Range(_, lo, hi int) {
	cache := par.CacheOf[buffer[T]](&buffers32, &buffers64)
	buf := cache.Take()
	defer cache.Put(buf)
	rows, cols := x.tile.Rows, x.tile.Cols
	buf.b = grow(buf.b, x.depth*whole(cols))
	buf.c = grow(buf.c, x.panels()*rows*cols)
	for i := lo; i < hi; i++ {
		q := i / x.parts * cols
		n := min(cols, x.in.cols()-q)
		buf.runs = x.in.runs(buf.runs[:0], q, n)
		part := ceil(x.panels(), x.parts)
		from := i % x.parts * part
		to := min(from+part, x.panels())
		x.block(buf, from, to, n)
		x.store(buf, from*rows, min(to*rows, x.m))
	}
}

// block computes panels from, …, to−1 of n columns into buf.c.
func (x *product[T]) block(buf *buffer[T], from, to, n int) {
	rows, cols := x.tile.Rows, x.tile.Cols
	width := whole(cols)
	var beta T
	for l := 0; l < x.k; l += x.depth {
		depth := min(x.depth, x.k-l)
		buf.pieces = x.in.gather(buf.b, width, l, l+depth, buf.runs, buf.pieces)
		for r := from; r < to; r++ {
			x.tile.Call(depth, &x.a[(r*x.k+l)*rows], 1, rows, &buf.b[0], width, &buf.c[r*rows*cols], cols,
				min(rows, x.m-r*rows), n, 1, beta)
		}
		beta = 1
	}
}

// store copies rows lo, …, hi−1 of buf.c to their places.
func (x *product[T]) store(buf *buffer[T], lo, hi int) {
	cols := x.tile.Cols
	for m := lo; m < hi; m++ {
		row := buf.c[m*cols:]
		for i := range buf.runs {
			r := &buf.runs[i]
			at := ((r.image*x.out.all+x.out.m0+m)*x.out.h+r.y*x.out.step[0]+x.out.at[0])*x.out.w + r.x*x.out.step[1] +
				x.out.at[1]
			src := row[r.at : r.at+r.n]
			if x.out.step[1] == 1 {
				copy(x.out.dst[at:], src)
				continue
			}
			for j, v := range src {
				x.out.dst[at+j*x.out.step[1]] = v
			}
		}
	}
}

// grow returns a buffer of n elements, buf if that is long enough. What it holds
// is not defined.
func grow[T float](buf []T, n int) []T {
	if cap(buf) >= n {
		return buf[:n]
	}
	return make([]T, n)
}
