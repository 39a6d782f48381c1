package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// A rowProduct is a convolution, or its adjoint, as products of rows of patches, see view,
// and packed filters. The forward pass has one view; the adjoint has one for each phase
// of the pixels, those with one residue modulo the stride. A task takes some blocks of
// rows of the grid, and a part of the outputs.
type rowProduct[T float] struct {
	filters rowFilters[T]
	in, out images[T]
	window  window
	phases  []rowPhase
	step    [2]int // from a pixel of a phase to the next, in out
	grid    grid
	parts   int
	holes   bool // there are phases without taps
}

// A rowPhase is the pixels at, at + step, … of the output: what they see, and where among
// the filters' taps theirs begin.
type rowPhase struct {
	view
	at  [2]int
	tap int
}

// plan cuts the work.
func (x *rowProduct[T]) plan() *rowProduct[T] {
	x.filters.tile = simd.NewTile[T]()
	x.filters.channels, x.filters.out = x.in.count, x.out.count
	var views []view
	most := 1
	for _, p := range x.phases {
		views, most = append(views, p.view), max(most, p.taps())
		x.grid.down, x.grid.across = max(x.grid.down, p.oy), max(x.grid.across, p.ox)
	}
	x.window = windowOf(x.in.w, views...)
	x.grid.n = x.out.n
	x.grid.rows = rowsOfBlock(x.grid, most*x.in.count)
	x.parts = min(max(1, 16/x.grid.blocks()), x.filters.panels())
	return x
}

func (x *rowProduct[T]) run(p *par.Pool) {
	x.filters.pack(p)
	p.Run(x, x.grid.blocks()*x.parts, 1)
}

// Range does some tasks.
func (x *rowProduct[T]) Range(_, lo, hi int) {
	cache := par.CacheOf[bench[T]](&benches32, &benches64)
	b := cache.Take()
	defer cache.Put(b)
	part := ceil(x.filters.panels(), x.parts)
	for i := lo; i < hi; i++ {
		from := i % x.parts * part
		if to := min(from+part, x.filters.panels()); from < to {
			x.block(b, i/x.parts, from, to)
		}
	}
}

// block computes panels from, …, to−1 of the outputs of a block.
func (x *rowProduct[T]) block(b *bench[T], block, from, to int) {
	b.window(&x.in, &x.window, x.grid, block)
	ldo := x.out.lanes()
	first := from * x.filters.tile.Cols
	n := min(to*x.filters.tile.Cols, x.out.count) - first
	single := len(x.phases) == 1 && x.step == [2]int{1, 1}
	for i := range x.phases {
		p := &x.phases[i]
		ld := rowLength(p.taps() * x.in.count)
		pixels := b.patches(&x.in, &x.window, &p.view, x.grid, block, ld)
		x.filters.multiply(b, pixels, ld, ldo, p.tap, p.taps(), from, to)
		if !single {
			x.scatter(b, p, block, first, n)
		}
	}
	if single {
		x.grid.each(block, func(s strip) {
			simd.Transpose(x.out.plane(s.image)[first*x.out.h*x.out.w+s.down*x.out.w:], x.out.h*x.out.w,
				b.m[s.tile*ldo+first:], ldo, s.rows*x.out.w, n)
		})
		return
	}
	at := 0
	x.grid.each(block, func(s strip) {
		top := s.down * x.step[0]
		lines := min(s.rows*x.step[0], x.out.h-top)
		simd.Transpose(x.out.plane(s.image)[first*x.out.h*x.out.w+top*x.out.w:], x.out.h*x.out.w, b.v[at+first:], ldo,
			lines*x.out.w, n)
		at += x.grid.rows * x.step[0] * x.out.w * ldo
	})
}

// scatter copies n outputs of the pixels of a phase to their places in b.v, all pixels of
// the strips of a block.
func (x *rowProduct[T]) scatter(b *bench[T], p *rowPhase, block, first, n int) {
	ldo := x.out.lanes()
	one := x.grid.rows * x.step[0] * x.out.w * ldo
	if p == &x.phases[0] {
		b.v = grow(b.v, x.grid.strips()*one)
		if x.holes {
			clear(b.v)
		}
	}
	at, from := 0, 0
	x.grid.each(block, func(s strip) {
		for y := range min(s.rows, p.oy-s.down) {
			dst := b.v[at+((y*x.step[0]+p.at[0])*x.out.w+p.at[1])*ldo+first:]
			simd.Copy(dst, x.step[1]*ldo, b.m[from*ldo+first:], ldo, p.ox, n)
			from += p.ox
		}
		at += one
	})
}

// rowConvs runs the forward pass of each group.
func rowConvs[T float](k Conv, a *op.Args[T]) op.Run {
	x, w, y := a.Shapes[0], a.Shapes[1], a.Shape
	m, taps := w[0]/k.Groups, w[2]*w[3]
	var steps []func()
	for g := range k.Groups {
		p := (&rowProduct[T]{
			in:   images[T]{a.In[0], x[1], g * w[1], w[1], x[0], x[2], x[3]},
			out:  images[T]{a.Out, y[1], g * m, m, y[0], y[2], y[3]},
			step: [2]int{1, 1},
			phases: []rowPhase{{view: view{oy: y[2], ox: y[3], step: k.Stride, offY: k.taps(0, w[2]),
				offX: k.taps(1, w[3])}}},
			filters: rowFilters[T]{w: a.In[1][g*m*w[1]*taps : (g+1)*m*w[1]*taps], taps: taps, order: upTo(taps),
				packed: a.Scratch},
		}).plan()
		reserve(a.Pool.Workers(), p.reserve)
		steps = append(steps, func() { p.run(a.Pool) })
	}
	return sequence(steps)
}

func upTo(n int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = i
	}
	return x
}

// rowAdjoints runs the adjoint of each group.
func rowAdjoints[T float](k Transposed, a *op.Args[T]) op.Run {
	y, w, x := a.Shapes[0], a.Shapes[1], a.Shape
	og, taps := w[0]/k.Groups, w[2]*w[3]
	var phases []rowPhase
	var order []int
	holes := false
	for a0 := range min(k.Stride[0], k.H) {
		for a1 := range min(k.Stride[1], k.W) {
			tapsY, offY := k.phase(0, a0, w[2])
			tapsX, offX := k.phase(1, a1, w[3])
			if len(tapsY) == 0 || len(tapsX) == 0 {
				holes = true
				continue
			}
			phases = append(phases, rowPhase{at: [2]int{a0, a1}, tap: len(order), view: view{
				oy: ceil(k.H-a0, k.Stride[0]), ox: ceil(k.W-a1, k.Stride[1]), step: [2]int{1, 1}, offY: offY,
				offX: offX,
			}})
			for _, r := range tapsY {
				for _, s := range tapsX {
					order = append(order, r*w[3]+s)
				}
			}
		}
	}
	if len(phases) == 0 {
		return func() error { clear(a.Out); return nil }
	}
	var steps []func()
	for g := range k.Groups {
		size := og * w[1] * taps
		p := (&rowProduct[T]{
			in:  images[T]{a.In[0], y[1], g * og, og, y[0], y[2], y[3]},
			out: images[T]{a.Out, x[1], g * w[1], w[1], x[0], x[2], x[3]}, step: k.Stride, phases: phases, holes: holes,
			filters: rowFilters[T]{w: a.In[1][g*size : (g+1)*size], back: true, taps: taps, order: order,
				packed: a.Scratch},
		}).plan()
		reserve(a.Pool.Workers(), p.reserve)
		steps = append(steps, func() { p.run(a.Pool) })
	}
	return sequence(steps)
}
