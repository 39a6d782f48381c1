package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// reserve lets f grow a bench for each worker, when an op is bound: who takes which task
// is not determined, and so no run allocates.
func reserve[T float](workers int, f func(b *bench[T])) {
	cache := par.CacheOf[bench[T]](&benches32, &benches64)
	all := make([]*bench[T], workers)
	for i := range all {
		all[i] = cache.Take()
		f(all[i])
		all[i].scratch = grow(all[i].scratch, simd.WinogradScratch)
	}
	for _, b := range all {
		cache.Put(b)
	}
}

// strips grows what images are turned in: lines of that many pixels of some strips.
func (b *bench[T]) strips(m *images[T], strips, lines, cols int) {
	b.strip = grow(b.strip, strips*lines*cols*m.lanes())
	b.turned = grow(b.turned, lines*m.w*m.lanes())
}

func (x *winoProduct[T]) reserve(b *bench[T]) {
	out, _ := x.outputs(0)
	lines, cols := min(x.grid.rows, x.grid.down)*edge+2, x.grid.across*edge+2
	b.strips(&x.in, 1, lines, cols)
	b.strips(&out, 1, lines, cols)
	b.reserve(&b.v, x.grid, x.in.lanes())
	b.reserve(&b.m, x.grid, out.lanes())
	b.filters = grow(b.filters, lanes*9*ceil(out.count, x.tile.Cols)*x.tile.Cols)
	if x.shared == nil {
		b.u = grow(b.u, planes*x.plane(out.count))
	}
}

func (x *winoWeight[T]) reserve(b *bench[T]) {
	d := x.d
	d.count = min(x.part, d.count)
	lines, cols := min(x.grid.rows, x.grid.down)*edge+2, x.grid.across*edge+2
	b.strips(&x.in, 1, lines, cols)
	b.strips(&d, 1, lines, cols)
	b.reserve(&b.v, x.grid, x.in.lanes())
	b.reserve(&b.m, x.grid, d.lanes())
	b.u = grow(b.u, planes*(d.count*x.in.lanes()+skew))
	b.filters = grow(b.filters, 9*x.in.lanes())
}

func (x *rowProduct[T]) reserve(b *bench[T]) {
	pixels, most := ceil(x.grid.tiles(), mostRows)*mostRows, 0
	for _, p := range x.phases {
		most = max(most, p.taps())
	}
	b.strips(&x.in, x.grid.strips(), x.window.rows(x.grid.rows), x.window.cols)
	b.rows = grow(b.rows, pixels*rowLength(most*x.in.count))
	b.m = grow(b.m, pixels*x.out.lanes())
	b.v = grow(b.v, x.grid.strips()*x.grid.rows*x.step[0]*x.out.w*x.out.lanes())
	b.filters = grow(b.filters, lanes*x.filters.taps*x.filters.tile.Cols)
}

func (x *rowWeight[T]) reserve(b *bench[T]) {
	in := x.in
	in.count = min(x.part, in.count)
	ld := rowLength(x.view.taps() * in.count)
	b.strips(&in, x.grid.strips(), x.window.rows(x.grid.rows), x.window.cols)
	b.rows = grow(b.rows, ceil(x.grid.tiles(), mostRows)*mostRows*ld)
	b.m = grow(b.m, ceil(x.d.count, x.tile.Rows)*x.tile.Rows*x.grid.tiles())
	b.u = grow(b.u, x.d.count*ld)
}

// reserveBuffers is reserve of the buffers of products that copy patches: of so many numbers, for
// so many columns at a time.
func reserveBuffers[T float](workers, b, c, columns int) {
	cache := par.CacheOf[buffer[T]](&buffers32, &buffers64)
	all := make([]*buffer[T], workers)
	for i := range all {
		all[i] = cache.Take()
		all[i].b, all[i].c = grow(all[i].b, b), grow(all[i].c, c)
		if cap(all[i].runs) < columns { // of one column each at worst
			all[i].runs = make([]run, 0, columns)
		}
		if cap(all[i].pieces) < simd.PickLanes {
			all[i].pieces = make([]simd.Piece, 0, simd.PickLanes)
		}
	}
	for _, buf := range all {
		cache.Put(buf)
	}
}

func (x *product[T]) reserve(workers int) {
	rows, cols := x.tile.Rows, x.tile.Cols
	reserveBuffers[T](workers, x.depth*whole(cols), x.panels()*rows*cols, cols)
}

func (x *weightProduct[T]) reserve(workers int) {
	depth := min(maxDepth, x.slab)
	reserveBuffers[T](workers, depth*x.tile.Cols, whole(depth)*x.tile.Cols, depth)
}
