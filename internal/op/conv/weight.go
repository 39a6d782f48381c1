package conv

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// maxSlab is the columns of patches between two meetings of the workers.
const maxSlab = 4096

// A weightProduct is ∂L/∂w = D·patchesᵀ for one group: slab by slab of columns, D
// is packed and then multiplied by blocks of rows of the patches, in parallel.
type weightProduct[T float] struct {
	tile  simd.Tile[T]
	m, k  int
	in    patches[T]
	d     []T // images of D
	all   int // channels of D
	m0    int
	out   []T // m×k
	a     []T // a slab of D: panel r is a[r·slab·Rows:], element (i, q) at q·Rows + i
	slab  int
	parts int

	packing bool
	q0, q1  int // the slab at work
}

// scratch is for a slab of D, packed.
func (k weightGrad) scratch(in []tensor.Shape) int {
	d := in[1]
	if w := k.shape(in[0], d); k.fits(w, w[1], d[2], d[3]) {
		return winoWeightOf[float32](k, in[0], d).scratch()
	} else if k.byRows(w) {
		return rowWeightOf[float32](k, in[0], d).scratch()
	}
	return padded(d[1]/k.Groups) * min(maxSlab, d[0]*d[2]*d[3])
}

// shape returns that of w.
func (k weightGrad) shape(x, d []int) []int { return []int{d[1], x[1] / k.Groups, k.KH, k.KW} }

// winoWeightOf plans ∂L/∂w of one group.
func winoWeightOf[T float](k weightGrad, x, d []int) *winoWeight[T] {
	c, m := x[1]/k.Groups, d[1]/k.Groups
	p := &winoWeight[T]{tile: simd.NewTile[T](), grid: newGrid(d[0], d[2], d[3]), pad: k.Pad,
		in: images[T]{nil, x[1], 0, c, x[0], x[2], x[3]}, d: images[T]{nil, d[1], 0, m, d[0], d[2], d[3]}}
	p.plan()
	return p
}

func bindWeightGrad[T float](k weightGrad, a *op.Args[T]) op.Run {
	x, d, w := a.Shapes[0], a.Shapes[1], a.Shape
	m, rows := w[0]/k.Groups, w[1]*w[2]*w[3]
	var steps []func()
	if k.fits(w, w[1], d[2], d[3]) {
		for g := range k.Groups {
			p := winoWeightOf[T](k, x, d)
			p.in.x, p.in.from, p.d.x, p.d.from = a.In[0], g*w[1], a.In[1], g*m
			p.dw, p.sums = a.Out[g*m*rows:(g+1)*m*rows], a.Scratch
			reserve(a.Pool.Workers(), p.reserve)
			steps = append(steps, func() { p.run(a.Pool) })
		}
		return sequence(steps)
	}
	if k.byRows(w) {
		for g := range k.Groups {
			p := rowWeightOf[T](k, x, d)
			p.in.x, p.in.from, p.d.x, p.d.from = a.In[0], g*w[1], a.In[1], g*m
			p.dw, p.sums = a.Out[g*m*rows:(g+1)*m*rows], a.Scratch
			reserve(a.Pool.Workers(), p.reserve)
			steps = append(steps, func() { p.run(a.Pool) })
		}
		return sequence(steps)
	}
	for g := range k.Groups {
		p := &weightProduct[T]{
			tile: simd.NewTile[T](), m: m, k: rows, d: a.In[1], all: d[1], m0: g * m, a: a.Scratch,
			out: a.Out[g*m*rows : (g+1)*m*rows],
			in: patches[T]{
				src: a.In[0], all: x[1], c0: g * w[1], c: w[1], h: x[2], w: x[3], n: x[0], oy: d[2], ox: d[3],
				step: k.Stride, offY: k.taps(0, w[2]), offX: k.taps(1, w[3]),
			},
		}
		p.in.flatten()
		p.slab = split(p.in.cols(), maxSlab)
		p.parts = min(ceil(8, p.blocks()), p.panels())
		p.reserve(a.Pool.Workers())
		steps = append(steps, func() { p.run(a.Pool) })
	}
	return sequence(steps)
}

func (x *weightProduct[T]) panels() int { return ceil(x.m, x.tile.Rows) }
func (x *weightProduct[T]) blocks() int { return ceil(x.k, x.tile.Cols) }

func (x *weightProduct[T]) run(p *par.Pool) {
	for x.q0 = 0; x.q0 < x.in.cols(); x.q0 += x.slab {
		x.q1 = min(x.q0+x.slab, x.in.cols())
		x.packing = true
		p.Run(x, x.panels(), 1)
		x.packing = false
		p.Run(x, x.blocks()*x.parts, 1)
	}
}

// Range packs panels of D or multiplies.
func (x *weightProduct[T]) Range(_, lo, hi int) {
	if x.packing {
		for r := lo; r < hi; r++ {
			x.pack(r)
		}
		return
	}
	cache := par.CacheOf[buffer[T]](&buffers32, &buffers64)
	buf := cache.Take()
	defer cache.Put(buf)
	part := ceil(x.panels(), x.parts)
	for i := lo; i < hi; i++ {
		from := i % x.parts * part
		x.block(buf, i/x.parts*x.tile.Cols, from, min(from+part, x.panels()))
	}
}

// pack packs panel r of the slab of D.
func (x *weightProduct[T]) pack(r int) {
	rows, pixels := x.tile.Rows, x.in.oy*x.in.ox
	m := x.m0 + r*rows
	n := min(rows, x.m-r*rows)
	dst := x.a[r*x.slab*rows:]
	for q := x.q0; q < x.q1; {
		image, at := q/pixels, q%pixels
		count := min(pixels-at, x.q1-q)
		simd.Transpose(dst[(q-x.q0)*rows:], rows, x.d[(image*x.all+m)*pixels+at:], pixels, n, count)
		q += count
	}
}

// block adds what the slab gives to columns k, k+1, … of rows of panels from, …,
// to−1 of ∂L/∂w.
func (x *weightProduct[T]) block(buf *buffer[T], k, from, to int) {
	rows, cols := x.tile.Rows, x.tile.Cols
	n := min(cols, x.k-k)
	depth := split(x.q1-x.q0, maxDepth)
	width := whole(depth)
	buf.b, buf.c = grow(buf.b, depth*cols), grow(buf.c, width*cols)
	var beta T
	if x.q0 > 0 {
		beta = 1
	}
	for q := x.q0; q < x.q1; q += depth {
		count := min(depth, x.q1-q)
		buf.runs = x.in.runs(buf.runs[:0], q, count)
		buf.pieces = x.in.gather(buf.c, width, k, k+n, buf.runs, buf.pieces)
		simd.Transpose(buf.b, cols, buf.c, width, n, count)
		for r := from; r < to; r++ {
			x.tile.Call(count, &x.a[(r*x.slab+q-x.q0)*rows], 1, rows, &buf.b[0], cols, &x.out[r*rows*x.k+k], x.k,
				min(rows, x.m-r*rows), n, 1, beta)
		}
		beta = 1
	}
}
