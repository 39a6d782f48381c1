package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// product runs one Gemm. It goes over blocks
//
//	for columns J of B (at most maxCols), for depths L (at most maxDepth):
//	    pack B[L, J] into panels as wide as a tile
//	    for rows I of A (at most maxRows):
//	        pack A[I, L] into panels as high as a tile
//	        for chunks of tiles, in parallel: C[I, J] += A[I, L] B[L, J]
//
// so that one panel of B stays in the first-level cache and a chunk's panels of A in the second while all its tiles
// are computed. An operand that is small and lies right is not packed. Each element of C belongs to one chunk and its
// sum has the order of the blocks L: no bit depends on which worker computes it.
//
// The design is that of K. Goto, R. van de Geijn. Anatomy of high-performance
// matrix multiplication. ACM TOMS 34(3), 2008.
type product[T simd.Float] struct {
	problem[T]
	tile         simd.Tile[T]
	packA, packB bool
	bufA, bufB   []T
	panels       []T // of the block of B at work, if it is packed

	// The block at work: its origin, its size, and in panels.
	i0, j0, l0             int
	rows, cols, depth      int
	panelsA, panelsB       int
	chunkRows, chunkPanels int // panels a chunk
	chunksDown             int
	phase                  phase
	packing                packing
	lender                 BLAS // while it computes
}

// phase is what Range does.
type phase int

const (
	packs phase = iota
	tiles
	dotsByRow
	dotsByColumn
	lends
)

// packing says which panels a packing loop goes over.
type packing struct {
	fromA, nA int // panels of A: fromA, …, fromA+nA-1
	nB        int // and so many steps of panels of B
}

// serialProducts is the number of multiply-adds below which a product runs on the
// caller: a few microseconds, as long as it takes to wake a worker.
const serialProducts = 1 << 19

const (
	maxDepth = 320     // of a block: a panel of B is maxDepth·48·4 bytes at most
	maxCols  = 3840    // a multiple of all tile widths
	packable = 1 << 19 // elements of A packed at a time

	chunkFlops = 4e6 // of a chunk, about: tens of microseconds
	someChunks = 16  // of a product, at least, so that workers end together
	leastFlops = 4e5 // of a chunk: some microseconds
	panelsOfA  = 24  // packed by one step of a packing loop
	panelsOfB  = 4   // about as much
)

func (x *product[T]) run(p *par.Pool) {
	if float64(x.m)*float64(x.n)*float64(x.k) < serialProducts {
		p = nil
	}
	if x.packed == nil && x.runDots(p) {
		return
	}
	x.tile = simd.NewTile[T]()
	x.choose()
	depth := depthOf(x.k)
	maxRows := max(1, packable/max(depth, 1)/x.tile.Rows) * x.tile.Rows
	for x.j0 = 0; x.j0 < x.n; x.j0 += maxCols {
		x.cols = min(maxCols, x.n-x.j0)
		x.panelsB = ceil(x.cols, x.tile.Cols)
		for x.l0 = 0; x.l0 < x.k || x.l0 == 0; x.l0 += max(depth, 1) {
			x.depth = min(depth, x.k-x.l0)
			for x.i0 = 0; x.i0 < x.m; x.i0 += maxRows {
				x.rows = min(maxRows, x.m-x.i0)
				x.panelsA = ceil(x.rows, x.tile.Rows)
				x.block(p)
			}
		}
	}
}

// depthOf returns the depth of the blocks of k, which are alike.
func depthOf(k int) int { return ceil(k, max(1, ceil(k, maxDepth))) }

// columns returns the first column of panel q of B, and how many it may have: those of a
// tile. Where the last panel would have a single vector, whose tile loads nearly as often
// as it multiplies, the last two have two vectors each.
func (x *product[T]) columns(q int) (from, most int) {
	three, lanes := x.tile.Cols, x.tile.Cols/3
	rest := x.cols % three
	if q < x.panelsB-2 || x.panelsB < 2 || lanes < 2 || rest == 0 || rest > lanes {
		return q * three, three
	}
	return (x.panelsB-2)*three + (q-x.panelsB+2)*2*lanes, 2 * lanes
}

// choose decides which operands to pack. Packing costs about what a tile needs
// for a panel: it pays if the panel is used several times and else is spread
// over many pages or has its rows in one set of the cache.
func (x *product[T]) choose() {
	x.packB = x.packed != nil || x.b.trans || x.m > 2*x.tile.Rows && x.k*x.b.ld > 16<<10
	x.packA = x.n > 2*x.tile.Cols && x.m*x.k > 16<<10 ||
		x.a.trans && x.n > 4*x.tile.Cols && x.m*x.k > 8<<10 // whose tiles read parts of lines
}

// block computes C[I, J] += A[I, L] B[L, J].
func (x *product[T]) block(p *par.Pool) {
	x.phase, x.packing = packs, packing{}
	switch {
	case x.packed != nil:
		x.panels = x.packed.block(x.j0, x.l0, x.panelsB)
	case x.packB && x.i0 == 0:
		x.bufB = grow(x.bufB, x.panelsB*x.tile.Cols*x.depth)
		x.packing.nB, x.panels = ceil(x.panelsB, panelsOfB), x.bufB
	}
	switch {
	case x.packA:
		x.bufA = grow(x.bufA, x.panelsA*x.tile.Rows*x.depth)
		x.packing.nA = x.panelsA
	case x.rows%x.tile.Rows != 0: // the tile would read rows that are not there
		x.bufA = grow(x.bufA, x.tile.Rows*x.depth)
		x.packing.fromA, x.packing.nA = x.panelsA-1, 1
	}
	p.Run(x, x.packing.nB+ceil(x.packing.nA, panelsOfA), 1)

	x.phase = tiles
	tile := 2 * float64(x.tile.Rows*x.tile.Cols*max(x.depth, 1))
	all := tile * float64(x.panelsA*x.panelsB)
	budget := int(max(leastFlops, min(chunkFlops, all/someChunks)) / tile)
	x.chunkRows = max(1, min(x.panelsA, budget, 16))
	x.chunkPanels = max(1, min(x.panelsB, budget/x.chunkRows))
	x.chunksDown = ceil(x.panelsA, x.chunkRows)
	p.Run(x, x.chunksDown*ceil(x.panelsB, x.chunkPanels), 1)
}

// Range packs or multiplies.
func (x *product[T]) Range(_, lo, hi int) {
	switch x.phase {
	case dotsByRow:
		x.dots(lo, hi, 0, x.n)
		return
	case dotsByColumn:
		x.dots(0, x.m, lo, hi)
		return
	case lends:
		x.lendRows(lo, hi)
		return
	}
	for i := lo; i < hi; i++ {
		if x.phase == packs {
			x.pack(i)
		} else {
			x.chunk(i/x.chunksDown*x.chunkPanels, i%x.chunksDown*x.chunkRows)
		}
	}
}

// pack is one step of a packing loop: a panel of B or some of A.
func (x *product[T]) pack(step int) {
	if step < x.packing.nB {
		x.packPanelsB(step*panelsOfB, min((step+1)*panelsOfB, x.panelsB))
		return
	}
	h := x.tile.Rows
	lo := (step - x.packing.nB) * panelsOfA
	hi := min(lo+panelsOfA, x.packing.nA)
	if whole := min(hi, x.rows/h-x.packing.fromA); x.a.trans && whole > lo {
		at := x.l0*x.a.ld + x.i0 + (x.packing.fromA+lo)*h
		simd.CopyPanels(x.bufA[lo*h*x.depth:], h, x.a.x[at:], x.a.ld, x.depth, whole-lo)
		lo = whole
	}
	for q := lo; q < hi; q++ {
		i := (x.packing.fromA + q) * h
		copyPanel(x.bufA[q*h*x.depth:], h, &x.a, true, x.i0+i, min(h, x.rows-i), x.l0, x.depth)
	}
}

// packPanelsB packs panels lo, …, hi-1 of B.
func (x *product[T]) packPanelsB(lo, hi int) {
	w := x.tile.Cols
	whole := min(hi, x.cols/w)
	if _, most := x.columns(x.panelsB - 1); most < w {
		whole = min(whole, x.panelsB-2)
	}
	if !x.b.trans && whole > lo && x.depth > 0 {
		simd.CopyPanels(x.panels[lo*w*x.depth:], w, x.b.x[x.l0*x.b.ld+x.j0+lo*w:], x.b.ld, x.depth, whole-lo)
		lo = whole
	}
	for q := lo; q < hi; q++ {
		j, w := x.columns(q)
		copyPanel(x.panels[j*x.depth:], w, &x.b, false, x.j0+j, min(w, x.cols-j), x.l0, x.depth)
	}
}

// copyPanel packs a panel of width w: element (l, x) goes to dst[l·w+x], l over
// the depth, x over the first used rows of A (left) or columns of B. What is
// beyond is left as it is: no tile stores what comes of it.
func copyPanel[T, S simd.Float](dst []T, w int, o *operand[S], left bool, x0, used, l0, depth int) {
	if depth == 0 {
		return
	}
	if left == o.trans { // a row of the source lies along the panel's width
		simd.Copy(dst, w, o.x[l0*o.ld+x0:], o.ld, depth, used)
	} else {
		simd.Transpose(dst, w, o.x[x0*o.ld+l0:], o.ld, used, depth)
	}
}

// chunk computes the tiles of some panels of B from panel jp on and of A from ip on.
func (x *product[T]) chunk(jp, ip int) {
	beta := x.beta
	if x.l0 > 0 {
		beta = 1
	}
	jEnd, iEnd := min(jp+x.chunkPanels, x.panelsB), min(ip+x.chunkRows, x.panelsA)
	for q := jp; q < jEnd; q++ {
		j, w := x.columns(q)
		b, ldb := x.panelB(j, w)
		for r := ip; r < iEnd; r++ {
			i := r * x.tile.Rows
			mr, nr := min(x.tile.Rows, x.rows-i), min(w, x.cols-j)
			if x.lower {
				if nr = min(nr, x.i0+i+mr-x.j0-j); nr <= 0 {
					continue
				}
			}
			a, rsa, csa := x.panelA(r)
			c := &x.c[(x.i0+i)*x.ldc+x.j0+j]
			x.tile.Call(x.depth, a, rsa, csa, b, ldb, c, x.ldc, mr, nr, x.alpha, beta)
		}
	}
	if x.l0+x.depth == x.k {
		from, _ := x.columns(jp)
		last, w := x.columns(jEnd - 1)
		x.finish(ip*x.tile.Rows, min(iEnd*x.tile.Rows, x.rows), from, min(last+w, x.cols))
	}
}

// panelA returns where panel r of A begins and its strides.
func (x *product[T]) panelA(r int) (a *T, rsa, csa int) {
	h := x.tile.Rows
	switch {
	case x.depth == 0:
		return nil, 0, 0
	case x.packA:
		return &x.bufA[r*h*x.depth], 1, h
	case (r+1)*h > x.rows:
		return &x.bufA[0], 1, h
	}
	a = &x.a.x[x.a.at(x.i0+r*h, x.l0)]
	if x.a.trans {
		return a, 1, x.a.ld
	}
	return a, x.a.ld, 1
}

// panelB returns where the panel of B from column j on begins and its stride, w if it is
// packed.
func (x *product[T]) panelB(j, w int) (b *T, ldb int) {
	switch {
	case x.depth == 0:
		return nil, 0
	case x.packB:
		return &x.panels[j*x.depth], w
	}
	return &x.b.x[x.l0*x.b.ld+x.j0+j], x.b.ld
}
