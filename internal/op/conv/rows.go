package conv

import (
	"slices"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// byRows reports whether the patches of the convolution are copied as rows, all channels
// of a tap side by side: a filter that leaves out pixels, where those of one channel are
// no vectors.
func (k Geometry) byRows(w []int) bool {
	return k.Stride[1] > 1 && w[0]/k.Groups >= lanes && w[1] >= lanes
}

// A view is the patches of a grid of oy×ox pixels an image: row (i, y, x) of that matrix
// has, tap (r, s) after tap, all channels of
//
//	src[i, ·, y·stepY + offY[r], x·stepX + offX[s]]
//
// with zeros outside of the image.
type view struct {
	oy, ox     int
	step       [2]int
	offY, offX []int
}

func (v *view) taps() int { return len(v.offY) * len(v.offX) }

// A window is the pixels that some views see of rows of their grids: so many lines from
// line at[0] on for the first row, step more for each other, and cols pixels from pixel
// at[1] on.
type window struct {
	at          [2]int
	lines, cols int
	step        int
}

// windowOf returns that of views with one step, in images wide pixels wide.
func windowOf(wide int, views ...view) window {
	w := window{at: [2]int{views[0].offY[0], views[0].offX[0]}, step: views[0].step[0]}
	for _, v := range views {
		w.at = [2]int{min(w.at[0], slices.Min(v.offY)), min(w.at[1], slices.Min(v.offX))}
	}
	for _, v := range views {
		w.lines = max(w.lines, slices.Max(v.offY)-w.at[0]+1)
		w.cols = max(w.cols, (v.ox-1)*v.step[1]+slices.Max(v.offX)-w.at[1]+1, wide-w.at[1])
	}
	return w
}

// rows returns the lines that n rows of the grid see.
func (w *window) rows(n int) int { return w.lines + (n-1)*w.step }

// size returns the elements of the window of n rows of images m.
func size[T float](m *images[T], w *window, n int) int { return w.rows(n) * w.cols * m.lanes() }

// window stages what the pixels of a block see, strip after strip.
func (b *bench[T]) window(m *images[T], w *window, g grid, block int) {
	one := size(m, w, g.rows)
	b.strip = grow(b.strip, g.strips()*one)
	at := 0
	g.each(block, func(s strip) {
		b.stage(b.strip[at:at+size(m, w, s.rows)], m, s.image, s.down*w.step+w.at[0], w.rows(s.rows), w.at[1], w.cols)
		at += one
	})
}

// patches copies the rows of a view, ld elements apart, of a block whose window is
// staged, to b.patches, and returns how many they are.
func (b *bench[T]) patches(m *images[T], w *window, v *view, g grid, block, ld int) (pixels int) {
	b.rows = grow(b.rows, ceil(g.tiles(), mostRows)*mostRows*ld)
	one, c, lanes := size(m, w, g.rows), m.count, m.lanes()
	joined := c == lanes // all taps of a line follow one another
	for s, off := range v.offX {
		joined = joined && off == v.offX[0]+s
	}
	from := 0
	g.each(block, func(s strip) {
		for y := range min(s.rows, v.oy-s.down) {
			for x := range v.ox {
				dst := b.rows[pixels*ld : (pixels+1)*ld]
				for _, off := range v.offY {
					line := b.strip[from+(y*v.step[0]+off-w.at[0])*w.cols*lanes:]
					at := (x*v.step[1] - w.at[1]) * lanes
					if joined {
						n := copy(dst[:len(v.offX)*c], line[at+v.offX[0]*lanes:])
						dst = dst[n:]
						continue
					}
					for _, off := range v.offX {
						n := copy(dst[:c], line[at+off*lanes:])
						dst = dst[n:]
					}
				}
				pixels++
			}
		}
		from += one
	})
	return pixels
}

// rowLength returns the distance of rows of n elements: an odd number of vectors, so
// that a column of them is not in one set of a cache.
func rowLength(n int) int { return (ceil(n, lanes) | 1) * lanes }

// rowsOfBlock returns the rows of a grid in a block: with patches of k elements the block
// stays in the second-level cache.
func rowsOfBlock(g grid, k int) int {
	const pixels, elements = 64, 96 << 10
	return min(max(1, min(pixels, elements/max(1, k))/g.across), g.n*g.down)
}

// rowFilters are the filters of a group for products with rows of patches, in panels as
// wide as a tile: element (tap t, channel c, output o) at ((p·taps + t)·channels + c)·Cols
// + o of panel p, the taps in an order of their own.
type rowFilters[T float] struct {
	tile          simd.Tile[T]
	w             []T  // of the group: outputs×channels×taps
	back          bool // the adjoint: channels×outputs×taps
	channels, out int
	taps          int   // of a filter
	order         []int // of the taps that are packed
	packed        []T
}

// mostCols is as many columns as a tile of any instruction set has.
const mostCols = 48

// rowFiltersSize is the elements of the packed filters w, on any instruction set.
func rowFiltersSize(channels, out, taps int) int {
	return ceil(out, mostCols) * mostCols * channels * taps
}

func (f *rowFilters[T]) panels() int { return ceil(f.out, f.tile.Cols) }

// panel returns rows from k on of panel p.
func (f *rowFilters[T]) panel(p, k int) *T {
	return &f.packed[(p*len(f.order)*f.channels+k)*f.tile.Cols]
}

// pack packs the filters.
func (f *rowFilters[T]) pack(p *par.Pool) { p.Run(f, f.panels()*ceil(f.channels, lanes), 1) }

// Range packs some channels of some panels.
func (f *rowFilters[T]) Range(_, lo, hi int) {
	cache := par.CacheOf[bench[T]](&benches32, &benches64)
	b := cache.Take()
	defer cache.Put(b)
	cols, taps := f.tile.Cols, f.taps
	b.filters = grow(b.filters, lanes*taps*cols)
	for i := lo; i < hi; i++ {
		p, c0 := i%f.panels(), i/f.panels()*lanes
		n, count := min(cols, f.out-p*cols), min(lanes, f.channels-c0)
		turn(b.filters, cols, f.w, f.back, taps, f.channels, c0, count, f.out, p*cols, n)
		for at, t := range f.order {
			dst := f.packed[((p*len(f.order)+at)*f.channels+c0)*cols:]
			simd.Copy(dst, cols, b.filters[t*cols:], taps*cols, count, n)
		}
	}
}

// turn copies filters to dst, all outputs of a channel and tap side by side: tap t of
// channel c0 + c at (taps·c + t)·ld, outputs first, …, first+n−1. w is
// outputs×channels×taps, or, back, channels×outputs×taps.
func turn[T float](dst []T, ld int, w []T, back bool, taps, channels, c0, count, outputs, first, n int) {
	if !back {
		simd.Transpose(dst, ld, w[(first*channels+c0)*taps:], channels*taps, n, count*taps)
		return
	}
	for c := range count {
		simd.Transpose(dst[c*taps*ld:], ld, w[((c0+c)*outputs+first)*taps:], taps, n, taps)
	}
}

// multiply computes b.out, ldo elements a row, from rows of patches and some panels of
// filters: their taps from, …, from+taps−1.
func (f *rowFilters[T]) multiply(b *bench[T], pixels, ld, ldo, tap, taps, fromPanel, toPanel int) {
	rows, cols, k := f.tile.Rows, f.tile.Cols, taps*f.channels
	b.m = grow(b.m, ceil(pixels, mostRows)*mostRows*ldo)
	depth := split(k, maxDepth)
	var beta T
	for l := 0; l < k; l += depth {
		for p := fromPanel; p < toPanel; p++ {
			u := f.panel(p, tap*f.channels+l)
			for i := 0; i < pixels; i += rows {
				f.tile.Call(min(depth, k-l), &b.rows[i*ld+l], ld, 1, u, cols, &b.m[i*ldo+p*cols], ldo,
					min(rows, pixels-i), min(cols, f.out-p*cols), 1, beta)
			}
		}
		beta = 1
	}
}
