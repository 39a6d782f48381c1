package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// A winoProduct is a convolution by Winograd's method: in each of the 36 planes, the
// tiles×channels matrix of transformed inputs times the channels×outputs matrix of
// transformed filters. A task takes a part of the outputs and a range of the blocks
// of tiles, and does all for it: filters, inputs, products, outputs.
type winoProduct[T float] struct {
	tile   simd.Tile[T]
	grid   grid
	in     images[T]
	out    images[T]
	pad    [2]int
	w      []T  // of the group: o×c×3×3
	back   bool // the adjoint: w is in×out×3×3, turned by half a turn
	part   int  // outputs of a part
	parts  int
	ranges int
}

// mostFilters is the bytes of transformed filters of a part, about: they stay in the
// third-level cache.
const mostFilters = 5 << 20

// cut returns how many of n channels a part has, for planes of depth numbers each.
func cut(n, depth, bytes int) int {
	most := max(1, mostFilters/(planes*depth*bytes)/lanes) * lanes
	return ceil(ceil(n, ceil(n, most)), lanes) * lanes
}

// bytesOf returns the size of an element.
func bytesOf[T float]() int {
	var zero T
	return len(op.Bytes([]T{zero}))
}

// tasksEach is the number of tasks a worker that are aimed at, so that workers are
// busy to the end. More would transform the filters more often. No bit depends on
// where a range begins, so this may depend on the number of workers.
const tasksEach = 3

func newWinoProduct[T float](workers int, in, out images[T], pad [2]int, w []T, back bool) *winoProduct[T] {
	x := &winoProduct[T]{tile: simd.NewTile[T](), grid: newGrid(out.n, out.h, out.w), in: in, out: out, pad: pad, w: w,
		back: back}
	x.part = cut(out.count, in.count, bytesOf[T]())
	x.parts = ceil(out.count, x.part)
	x.ranges = min(x.grid.blocks(), ceil(tasksEach*workers, x.parts))
	return x
}

func (x *winoProduct[T]) run(p *par.Pool) { p.Run(x, x.parts*x.ranges, 1) }

// Range does some tasks.
func (x *winoProduct[T]) Range(_, lo, hi int) {
	cache := par.CacheOf[bench[T]](&benches32, &benches64)
	b := cache.Take()
	defer cache.Put(b)
	blocks := x.grid.blocks()
	for i := lo; i < hi; i++ {
		out := x.out
		first := i % x.parts * x.part
		out.from, out.count = x.out.from+first, min(x.part, x.out.count-first)
		x.filters(b, first, out.count)
		r := i / x.parts
		for block := r * blocks / x.ranges; block < (r+1)*blocks/x.ranges; block++ {
			tiles := b.input(&x.in, x.grid, x.pad, block)
			x.multiply(b, tiles, &out)
			b.output(&out, x.grid, block)
		}
	}
}

// filters stores G g Gᵀ in b.u, for outputs first, …, first+n−1, in panels as wide as
// a tile of the product: element (channel, output) of panel p of a plane at
// (p·channels + channel)·Cols + output.
func (x *winoProduct[T]) filters(b *bench[T], first, n int) {
	depth, cols := x.in.count, x.tile.Cols
	panels := ceil(n, cols)
	ld := panels * cols
	plane := panels*depth*cols + skew
	b.u = grow(b.u, planes*plane)
	b.filters = grow(b.filters, lanes*9*ld)
	b.scratch = grow(b.scratch, simd.WinogradScratch)
	for c0 := 0; c0 < depth; c0 += lanes { // so many that b.filters stays in the cache
		count := min(lanes, depth-c0)
		turn(b.filters, ld, x.w, x.back, 9, x.in.count, c0, count, x.out.count, first, n)
		for c := range count {
			src := simd.Matrices[T]{X: b.filters, At: c * 9 * ld, Row: 3 * ld, Col: ld}
			if x.back {
				src.At, src.Row, src.Col = src.At+8*ld, -3*ld, -ld
			}
			for p := range panels {
				simd.WinogradFilter(min(cols, n-p*cols), simd.Matrices[T]{X: b.u, At: (p*depth + c0 + c) * cols,
					Row: reach * plane, Col: plane}, src, b.scratch)
				src.At += cols
			}
		}
	}
}

// multiply computes b.m from b.v and b.u.
func (x *winoProduct[T]) multiply(b *bench[T], tiles int, out *images[T]) {
	rows, cols, depth := x.tile.Rows, x.tile.Cols, x.in.count
	ldv, ldm := x.in.lanes(), out.lanes()
	panels := ceil(out.count, cols)
	planeV, planeU := len(b.v)/planes, len(b.u)/planes
	planeM := b.reserve(&b.m, x.grid, ldm)
	for xi := range planes {
		for p := range panels {
			u := &b.u[xi*planeU+p*depth*cols]
			for i := 0; i < tiles; i += rows {
				x.tile.Call(depth, &b.v[xi*planeV+i*ldv], ldv, 1, u, cols, &b.m[xi*planeM+i*ldm+p*cols], ldm,
					min(rows, tiles-i), min(cols, out.count-p*cols), 1, 0)
			}
		}
	}
}
