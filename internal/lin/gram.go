package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Gram computes, in float64 whatever T is,
//
//	G = α ZᵀZ  (d×d, rows false)     or     G = α ZZᵀ  (n×n, rows true)
//
// and fills both triangles. Products of float32 are exact in float64, so the
// error is that of the float64 sums alone, and G + I can be factored where a
// float32 Gram matrix is not even semidefinite.
//
// Shapes: z n×d. g must not overlap z.
//
// Cost: n·d² (rows: n²·d) flops, as only tiles on and below the diagonal are
// computed; limited by the multiply-adds of the float64 micro-kernel.
func Gram[T simd.Float](p *par.Pool, rows bool, n, d int, alpha float64, z []T, ldz int, g []float64, ldg int) {
	if n > 0 && d > 0 {
		_ = z[(n-1)*ldz+d-1]
	}
	runGram(p, rows, nil, n, d, alpha, z, ldz, g, ldg)
}

// GramOf is Gram of the rows of z that order names, in that order, with the same bits
// as if they were copied together. It copies as many as it multiplies at a time.
func GramOf[T simd.Float](p *par.Pool, rows bool, order []int, d int, alpha float64, z []T, ldz int, g []float64,
	ldg int) {
	runGram(p, rows, order, len(order), d, alpha, z, ldz, g, ldg)
}

func runGram[T simd.Float](p *par.Pool, rows bool, order []int, n, d int, alpha float64, z []T, ldz int, g []float64,
	ldg int) {
	size, depth := d, n
	if rows {
		size, depth = n, d
	}
	if size <= 0 {
		return
	}
	_ = g[(size-1)*ldg+size-1]
	depth = max(depth, 0)
	free := par.CacheOf[gram[T]](&grams32, &grams64)
	job := free.Take()
	defer free.Put(job)
	*job = gram[T]{z: operand[T]{z, ldz, rows}, order: order, g: g, ldg: ldg, alpha: alpha, size: size, total: depth,
		buf: job.buf, picked: job.picked}
	job.run(p)
	*job = gram[T]{buf: job.buf, picked: job.picked}
}

// gram runs one Gram. With X = Z or Zᵀ it goes over blocks of the depth, packs
// each into panels as wide as a tile, in float64, and multiplies: a panel of Xᵀ,
// as high as a tile, is a part of a panel of X, so one copy serves both sides.
type gram[T simd.Float] struct {
	z           operand[T] // X, depth×size
	order       []int      // the rows of Z, in their order; nil is all
	g           []float64
	ldg         int
	alpha       float64
	size, total int

	tile      simd.Tile[float64]
	buf       []float64
	picked    []T // rows of Z, copied together
	from      operand[T]
	l0, depth int
	panels    int // of a tile's width
	side      int // panels a side of a chunk
	packing   bool
}

const (
	maxGramDepth = 256
	gramChunks   = 11 // at most, along a side of G; their pairs are the chunks
)

func (x *gram[T]) run(p *par.Pool) {
	if float64(x.size)*float64(x.size)*float64(x.total) < serialProducts {
		p = nil
	}
	x.tile = simd.NewTile[float64]()
	x.panels = ceil(x.size, x.tile.Cols)
	x.side = ceil(x.panels, gramChunks)
	depth := max(1, ceil(x.total, max(1, ceil(x.total, maxGramDepth))))
	for x.l0 = 0; x.l0 < x.total || x.l0 == 0; x.l0 += depth {
		x.depth = min(depth, x.total-x.l0)
		x.buf = grow(x.buf, x.panels*x.tile.Cols*max(1, x.depth))
		x.pick()
		x.packing = true
		p.Run(x, x.panels, 1)
		x.packing = false
		blocks := ceil(x.panels, x.side)
		p.Run(x, blocks*(blocks+1)/2, 1)
	}
}

// pick makes from the rows of X from l0 on: where they are, or copied together.
func (x *gram[T]) pick() {
	switch {
	case x.depth == 0:
	case x.order == nil && x.z.trans:
		x.from = operand[T]{x.z.x[x.l0:], x.z.ld, true}
	case x.order == nil:
		x.from = operand[T]{x.z.x[x.l0*x.z.ld:], x.z.ld, false}
	case x.z.trans: // some columns of all rows
		x.picked = grow(x.picked, x.size*x.depth)
		for i, row := range x.order {
			copy(x.picked[i*x.depth:(i+1)*x.depth], x.z.x[row*x.z.ld+x.l0:])
		}
		x.from = operand[T]{x.picked, x.depth, true}
	default: // all columns of some rows
		x.picked = grow(x.picked, x.size*x.depth)
		for i, row := range x.order[x.l0 : x.l0+x.depth] {
			copy(x.picked[i*x.size:(i+1)*x.size], x.z.x[row*x.z.ld:])
		}
		x.from = operand[T]{x.picked, x.size, false}
	}
}

// Range packs panels, or computes the chunks of the lower triangle.
func (x *gram[T]) Range(_, lo, hi int) {
	w := x.tile.Cols
	if x.packing {
		for q := lo; q < hi; q++ {
			copyPanel(x.buf[q*w*x.depth:], w, &x.from, false, q*w, min(w, x.size-q*w), 0, x.depth)
		}
		return
	}
	for c := lo; c < hi; c++ {
		down, across := 0, c // the c-th pair across ≤ down
		for across > down {
			down++
			across -= down
		}
		x.chunk(down*x.side, across*x.side)
	}
}

// chunk computes the tiles on and below the diagonal in a square of side×side
// panels, and copies them to the upper triangle after the last block of depth.
func (x *gram[T]) chunk(down, across int) {
	w, h := x.tile.Cols, x.tile.Rows
	beta := 1.0
	if x.l0 == 0 {
		beta = 0
	}
	iLo, iHi := down*w, min((down+x.side)*w, x.size)
	for q := across; q < min(across+x.side, x.panels); q++ {
		j := q * w
		nr := min(w, x.size-j)
		b := &x.buf[q*w*x.depth]
		for i := max(iLo, j); i < iHi; i += h {
			a := &x.buf[i/w*w*x.depth+i%w]
			mr := min(h, iHi-i)
			x.tile.Call(x.depth, a, 1, w, b, w, &x.g[i*x.ldg+j], x.ldg, mr, min(nr, i+h-j), x.alpha, beta)
		}
	}
	if x.l0+x.depth == x.total {
		mirror(x.g, x.ldg, iLo, iHi, across*w, min((across+x.side)*w, x.size))
	}
}

// mirror copies what lies below the diagonal in rows iLo, … and columns jLo, …
// to above it.
func mirror[T simd.Float](g []T, ldg, iLo, iHi, jLo, jHi int) {
	for i := iLo; i < min(iHi, jHi); i++ { // rows that the diagonal crosses
		for j, v := range g[i*ldg+jLo : i*ldg+min(jHi, max(i, jLo))] {
			g[(jLo+j)*ldg+i] = v
		}
	}
	if lo := max(iLo, jHi); lo < iHi {
		simd.Transpose(g[jLo*ldg+lo:], ldg, g[lo*ldg+jLo:], ldg, iHi-lo, jHi-jLo)
	}
}
