package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// A rowWeight is ∂L/∂w as the product of D, transposed, and rows of patches, see view. A
// task takes a part of the input channels and a range of the blocks of pixels; the sums
// of the ranges are added in their order.
type rowWeight[T float] struct {
	rangeSums[T]
	tile   simd.Tile[T]
	in, d  images[T]
	window window
	view   view
	grid   grid
	part   int // of the input channels
}

// mostSums is the elements of the sums of a task, about: they stay in the second-level
// cache.
const mostSums = 192 << 10

// rowWeightOf plans ∂L/∂w of one group.
func rowWeightOf[T float](k weightGrad, x, d []int) *rowWeight[T] {
	c, m, taps := x[1]/k.Groups, d[1]/k.Groups, k.KH*k.KW
	p := &rowWeight[T]{tile: simd.NewTile[T](),
		in: images[T]{nil, x[1], 0, c, x[0], x[2], x[3]}, d: images[T]{nil, d[1], 0, m, d[0], d[2], d[3]},
		view: view{oy: d[2], ox: d[3], step: k.Stride, offY: k.taps(0, k.KH), offX: k.taps(1, k.KW)},
		grid: grid{n: d[0], down: d[2], across: d[3]}}
	p.window = windowOf(x[3], p.view)
	most := max(1, mostSums/(taps*m)/lanes) * lanes
	p.part = ceil(ceil(c, ceil(c, most)), lanes) * lanes
	p.parts = ceil(c, p.part)
	p.grid.rows = min(max(1, weightDepth/d[3]), d[0]*d[2])
	p.ranges = min(p.grid.blocks(), ceil(someSums, p.parts))
	p.size = m * c * taps
	return p
}

// weightDepth is the pixels that are summed up at a time, about.
const weightDepth = 128

func (x *rowWeight[T]) run(p *par.Pool) { x.rangeSums.run(p, x) }

// Range does some tasks, or adds some elements of the sums.
func (x *rowWeight[T]) Range(_, lo, hi int) {
	if x.adding {
		x.add(lo, hi)
		return
	}
	cache := par.CacheOf[bench[T]](&benches32, &benches64)
	b := cache.Take()
	defer cache.Put(b)
	blocks := x.grid.blocks()
	for i := lo; i < hi; i++ {
		in := x.in
		first := i % x.parts * x.part
		in.from, in.count = x.in.from+first, min(x.part, x.in.count-first)
		ld := rowLength(x.view.taps() * in.count)
		r := i / x.parts
		begin := r * blocks / x.ranges
		for block := begin; block < (r+1)*blocks/x.ranges; block++ {
			b.window(&in, &x.window, x.grid, block)
			pixels := b.patches(&in, &x.window, &x.view, x.grid, block, ld)
			x.panels(b, block, pixels)
			x.multiply(b, pixels, ld, block > begin)
		}
		x.filters(b, x.of(r), first, in.count, ld)
	}
}

// panels packs D of a block into b.m, in panels as high as a tile: channel o of a pixel at
// (o/Rows·pixels + pixel)·Rows + o mod Rows.
func (x *rowWeight[T]) panels(b *bench[T], block, pixels int) {
	rows, area := x.tile.Rows, x.d.h*x.d.w
	b.m = grow(b.m, ceil(x.d.count, rows)*rows*pixels)
	x.grid.each(block, func(s strip) {
		src := x.d.plane(s.image)[s.down*x.d.w:]
		for o := 0; o < x.d.count; o += rows {
			simd.Transpose(b.m[o*pixels+s.tile*rows:], rows, src[o*area:], area, min(rows, x.d.count-o), s.rows*x.d.w)
		}
	})
}

// multiply adds the product of a block to b.u: element (output, tap, channel), the outputs
// ld apart.
func (x *rowWeight[T]) multiply(b *bench[T], pixels, ld int, add bool) {
	rows, cols := x.tile.Rows, x.tile.Cols
	k := ld // including numbers beyond the taps, which are never read: whole tiles are as fast
	b.u = grow(b.u, x.d.count*ld)
	var beta T
	if add {
		beta = 1
	}
	for c := 0; c < k; c += cols {
		for o := 0; o < x.d.count; o += rows {
			x.tile.Call(pixels, &b.m[o*pixels], 1, rows, &b.rows[c], ld, &b.u[o*ld+c], ld, min(rows, x.d.count-o),
				min(cols, k-c), 1, beta)
		}
	}
}

// filters stores b.u of count channels from first on in dw, o×c×taps.
func (x *rowWeight[T]) filters(b *bench[T], dw []T, first, count, ld int) {
	taps := x.view.taps()
	for o := range x.d.count {
		simd.Transpose(dw[(o*x.in.count+first)*taps:], taps, b.u[o*ld:], count, taps, count)
	}
}

// rangeSums are sums that some ranges of blocks have each of their own, for parts of what
// is summed.
type rangeSums[T float] struct {
	dw            []T // of a group: o×c×kh×kw
	sums          []T // of each range, unless there is one
	size          int // of dw
	parts, ranges int
	adding        bool
}

// scratch returns the elements of sums.
func (x *rangeSums[T]) scratch() int {
	if x.ranges == 1 {
		return 0
	}
	return x.ranges * x.size
}

// sumGrain is the elements of a chunk of the addition.
const sumGrain = 1 << 13

// run runs the tasks, and the addition.
func (x *rangeSums[T]) run(p *par.Pool, task par.Task) {
	x.adding = false
	p.Run(task, x.parts*x.ranges, 1)
	if x.ranges > 1 {
		x.adding = true
		p.Run(task, x.size, sumGrain)
	}
}

// of returns the sums of a range.
func (x *rangeSums[T]) of(r int) []T {
	if x.ranges == 1 {
		return x.dw
	}
	return x.sums[r*x.size : (r+1)*x.size]
}

// add adds elements lo, …, hi−1 of the sums in the order of the ranges.
func (x *rangeSums[T]) add(lo, hi int) {
	n := x.size
	simd.Add(x.dw[lo:hi], x.sums[lo:hi], x.sums[n+lo:n+hi])
	for r := 2; r < x.ranges; r++ {
		simd.Axpy(x.dw[lo:hi], 1, x.sums[r*n+lo:r*n+hi])
	}
}
