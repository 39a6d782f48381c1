package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// A winoWeight is ∂L/∂w by Winograd's method: in each of the 36 planes, the product of
// transformed D, transposed, and transformed inputs, summed over tiles. A task takes
// a part of D's channels and a range of the blocks of tiles; the sums of the ranges
// are added in their order.
type winoWeight[T float] struct {
	rangeSums[T]
	tile simd.Tile[T]
	grid grid
	in   images[T]
	d    images[T]
	pad  [2]int
	part int // of D's channels
}

// someSums is the number of tasks that are aimed at, on any number of workers: each
// range has sums of its own, and their order is that of the ranges.
const someSums = 8

// plan sets the parts and the ranges.
func (x *winoWeight[T]) plan() {
	x.part = cut(x.d.count, x.in.count, bytesOf[T]())
	x.parts = ceil(x.d.count, x.part)
	x.ranges = min(x.grid.blocks(), ceil(someSums, x.parts))
	x.size = x.d.count * x.in.count * 9
}

func (x *winoWeight[T]) run(p *par.Pool) { x.rangeSums.run(p, x) }

// Range does some tasks, or adds some elements of the sums.
func (x *winoWeight[T]) Range(_, lo, hi int) {
	if x.adding {
		x.add(lo, hi)
		return
	}
	cache := par.CacheOf[bench[T]](&benches32, &benches64)
	b := cache.Take()
	defer cache.Put(b)
	blocks := x.grid.blocks()
	for i := lo; i < hi; i++ {
		d := x.d
		first := i % x.parts * x.part
		d.from, d.count = x.d.from+first, min(x.part, x.d.count-first)
		r := i / x.parts
		begin := r * blocks / x.ranges
		for block := begin; block < (r+1)*blocks/x.ranges; block++ {
			tiles := b.input(&x.in, x.grid, x.pad, block)
			b.outputGrad(&d, x.grid, block)
			x.multiply(b, tiles, &d, block > begin)
		}
		x.filters(b, x.of(r)[first*x.in.count*9:], d.count)
	}
}

// multiply adds a block's product to b.u: element (output, channel) of a plane at
// output·lanes + channel.
func (x *winoWeight[T]) multiply(b *bench[T], tiles int, d *images[T], add bool) {
	rows, cols := x.tile.Rows, x.tile.Cols
	ldv, ldm := x.in.lanes(), d.lanes()
	planeV, planeM, planeU := len(b.v)/planes, len(b.m)/planes, d.count*ldv+skew
	b.u = grow(b.u, planes*planeU)
	var beta T
	if add {
		beta = 1
	}
	for xi := range planes {
		for c := 0; c < x.in.count; c += cols {
			v := &b.v[xi*planeV+c]
			for o := 0; o < d.count; o += rows {
				x.tile.Call(tiles, &b.m[xi*planeM+o], 1, ldm, v, ldv, &b.u[xi*planeU+o*ldv+c], ldv,
					min(rows, d.count-o), min(cols, x.in.count-c), 1, beta)
			}
		}
	}
}

// filters stores Gᵀ u G of n outputs.
func (x *winoWeight[T]) filters(b *bench[T], dw []T, n int) {
	ld := x.in.lanes()
	plane := len(b.u) / planes
	b.filters = grow(b.filters, 9*ld)
	for o := range n {
		simd.WinogradFilterGrad(x.in.count, simd.Matrices[T]{X: b.filters, Row: 3 * ld, Col: ld},
			simd.Matrices[T]{X: b.u, At: o * ld, Row: reach * plane, Col: plane}, b.scratch)
		simd.Transpose(dw[o*x.in.count*9:], 9, b.filters, ld, 9, x.in.count)
	}
}
