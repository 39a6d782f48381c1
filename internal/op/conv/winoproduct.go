package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// A winoProduct is a convolution by Winograd's method: in each of the 36 planes, the
// tiles×channels matrix of transformed inputs times the channels×outputs matrix of
// transformed filters. The outputs are cut into parts. Of each, the filters are
// transformed, and then a task takes a block of tiles and does all for it: inputs,
// products, outputs. Where there is one block alone, a task takes a part instead, its
// filters too.
type winoProduct[T float] struct {
	tile  simd.Tile[T]
	grid  grid
	in    images[T]
	out   images[T]
	pad   [2]int
	w     []T  // of the group: o×c×3×3
	back  bool // the adjoint: w is in×out×3×3, turned by half a turn
	part  int  // outputs of a part
	parts int

	shared  []T // the transformed filters of the part at work, if there are several blocks
	at      int // its number
	packing bool
}

// mostFilters is the bytes of transformed filters of a part, about: they stay in the
// third-level cache.
const mostFilters = 5 << 20

// cut returns how many of n channels a part has, for planes of depth numbers each.
func cut(n, depth, bytes int) int {
	most := max(1, mostFilters/(planes*depth*bytes)/lanes) * lanes
	return ceil(ceil(n, ceil(n, most)), lanes) * lanes
}

// sharedFilters returns the elements of transformed filters of a part, on any instruction
// set, or 0 if there is one block alone.
func sharedFilters(n, h, w, channels, outputs int) int {
	if newGrid(n, h, w).blocks() == 1 {
		return 0
	}
	return planes * (ceil(cut(outputs, channels, 4), mostCols)*mostCols*channels + skew)
}

// bytesOf returns the size of an element.
func bytesOf[T float]() int {
	var zero T
	return len(op.Bytes([]T{zero}))
}

func newWinoProduct[T float](in, out images[T], pad [2]int, w []T, back bool, scratch []T) *winoProduct[T] {
	x := &winoProduct[T]{tile: simd.NewTile[T](), grid: newGrid(out.n, out.h, out.w), in: in, out: out, pad: pad, w: w,
		back: back}
	x.part = cut(out.count, in.count, bytesOf[T]())
	x.parts = ceil(out.count, x.part)
	if x.grid.blocks() > 1 {
		x.shared = scratch
	}
	return x
}

func (x *winoProduct[T]) run(p *par.Pool) {
	if x.shared == nil {
		p.Run(x, x.parts, 1)
		return
	}
	for x.at = 0; x.at < x.parts; x.at++ {
		x.packing = true
		p.Run(x, ceil(x.in.count, lanes), 1)
		x.packing = false
		p.Run(x, x.grid.blocks(), 1)
	}
}

// outputs returns the outputs of a part, and which is the first.
func (x *winoProduct[T]) outputs(part int) (out images[T], first int) {
	out, first = x.out, part*x.part
	out.from, out.count = x.out.from+first, min(x.part, x.out.count-first)
	return out, first
}

// Range does some tasks.
func (x *winoProduct[T]) Range(_, lo, hi int) {
	cache := par.CacheOf[bench[T]](&benches32, &benches64)
	b := cache.Take()
	defer cache.Put(b)
	b.scratch = grow(b.scratch, simd.WinogradScratch)
	for i := lo; i < hi; i++ {
		switch {
		case x.shared == nil:
			out, first := x.outputs(i)
			b.u = grow(b.u, planes*x.plane(out.count))
			x.filters(b, b.u, first, out.count, 0, x.in.count)
			x.block(b, b.u, 0, &out)
		case x.packing:
			out, first := x.outputs(x.at)
			x.filters(b, x.shared, first, out.count, i*lanes, min((i+1)*lanes, x.in.count))
		default:
			out, _ := x.outputs(x.at)
			x.block(b, x.shared, i, &out)
		}
	}
}

// block computes outputs of a block of tiles, from their transformed filters u.
func (x *winoProduct[T]) block(b *bench[T], u []T, block int, out *images[T]) {
	tiles := b.input(&x.in, x.grid, x.pad, block)
	x.multiply(b, u, tiles, out)
	b.output(out, x.grid, block)
}

// plane returns the elements of a plane of the transformed filters of n outputs.
func (x *winoProduct[T]) plane(n int) int {
	return ceil(n, x.tile.Cols)*x.tile.Cols*x.in.count + skew
}

// filters stores G g Gᵀ in u, for channels from, …, to−1 and outputs first, …,
// first+n−1, in panels as wide as a tile of the product: element (channel, output) of
// panel p of a plane at (p·channels + channel)·Cols + output.
func (x *winoProduct[T]) filters(b *bench[T], u []T, first, n, from, to int) {
	depth, cols, plane := x.in.count, x.tile.Cols, x.plane(n)
	panels := ceil(n, cols)
	ld := panels * cols
	b.filters = grow(b.filters, lanes*9*ld)
	for c0 := from; c0 < to; c0 += lanes { // so many that b.filters stays in the cache
		count := min(lanes, to-c0)
		turn(b.filters, ld, x.w, x.back, 9, x.in.count, c0, count, x.out.count, first, n)
		for c := range count {
			src := simd.Matrices[T]{X: b.filters, At: c * 9 * ld, Row: 3 * ld, Col: ld}
			if x.back {
				src.At, src.Row, src.Col = src.At+8*ld, -3*ld, -ld
			}
			for p := range panels {
				simd.WinogradFilter(min(cols, n-p*cols), simd.Matrices[T]{X: u, At: (p*depth + c0 + c) * cols,
					Row: reach * plane, Col: plane}, src, b.scratch)
				src.At += cols
			}
		}
	}
}

// multiply computes b.m from b.v and u.
func (x *winoProduct[T]) multiply(b *bench[T], filters []T, tiles int, out *images[T]) {
	rows, cols, depth := x.tile.Rows, x.tile.Cols, x.in.count
	ldv, ldm := x.in.lanes(), out.lanes()
	panels := ceil(out.count, cols)
	planeV, planeU := len(b.v)/planes, x.plane(out.count)
	planeM := b.reserve(&b.m, x.grid, ldm)
	for xi := range planes {
		for p := range panels {
			u := &filters[xi*planeU+p*depth*cols]
			for i := 0; i < tiles; i += rows {
				x.tile.Call(depth, &b.v[xi*planeV+i*ldv], ldv, 1, u, cols, &b.m[xi*planeM+i*ldm+p*cols], ldm,
					min(rows, tiles-i), min(cols, out.count-p*cols), 1, 0)
			}
		}
	}
}
