package conv

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// What Winograd's method, see simd.WinogradInput, takes and gives.
const (
	edge   = 4        // of the outputs of a tile
	reach  = edge + 2 // of its inputs
	planes = reach * reach
	lanes  = 16 // what channels are padded to: a vector of any instruction set
)

// fits reports whether Winograd's method does the convolution to an output of
// h×w, and with fewer multiplications: a tile at the border of an odd size is
// computed as a whole.
func (k Geometry) fits(w []int, in, h, wide int) bool {
	tiles := ceil(h, edge) * ceil(wide, edge)
	return w[2] == 3 && w[3] == 3 && k.Stride == [2]int{1, 1} && k.Dilation == [2]int{1, 1} &&
		max(k.Pad[0], k.Pad[1]) <= 2 && in >= lanes && w[0]/k.Groups >= lanes && w[1] >= lanes && 40*tiles <= 6*h*wide
}

// images are the channels from, …, from+count−1 of n images of h×w, of all channels.
type images[T float] struct {
	x                []T
	all, from, count int
	n, h, w          int
}

// plane returns what begins with the first of the channels of an image.
func (m *images[T]) plane(image int) []T { return m.x[(image*m.all+m.from)*m.h*m.w:] }

// padded channels.
func (m *images[T]) lanes() int { return ceil(m.count, lanes) * lanes }

// A grid cuts images of h×w into tiles, and rows of tiles into blocks.
type grid struct {
	n, down, across int // images, and tiles of each
	rows            int // of tiles, a block
}

// blockTiles is the tiles of a block, about: with them the transforms of a block
// stay in the second-level cache while they are multiplied.
const blockTiles = 32

func newGrid(n, h, w int) grid {
	g := grid{n: n, down: ceil(h, edge), across: ceil(w, edge)}
	g.rows = min(max(1, blockTiles/g.across), n*g.down)
	return g
}

func (g grid) blocks() int { return ceil(g.n*g.down, g.rows) }

// strips returns how many strips a block has at most.
func (g grid) strips() int { return ceil(g.rows-1, g.down) + 1 }

// tiles returns the tiles of a whole block.
func (g grid) tiles() int { return g.rows * g.across }

// A strip is some neighbouring rows of tiles of one image.
type strip struct {
	tile              int // the number of its first tile in the block
	image, down, rows int
}

// each calls f with the strips of a block, and returns the number of its tiles.
func (g grid) each(block int, f func(s strip)) (tiles int) {
	end := min((block+1)*g.rows, g.n*g.down)
	for r := block * g.rows; r < end; {
		s := strip{tile: tiles, image: r / g.down, down: r % g.down}
		s.rows = min(g.down-s.down, end-r)
		f(s)
		r += s.rows
		tiles += s.rows * g.across
	}
	return tiles
}

// A bench is what one worker needs: channels of a row of tiles with its borders,
// filters, and the transforms of inputs, filters and outputs, plane by plane.
type bench[T float] struct {
	strip, turned, filters []T
	v, u, m                []T
	rows                   []T // of patches
	scratch                []T
}

var (
	benches32 par.Cache[bench[float32]]
	benches64 par.Cache[bench[float64]]
)

// stage copies, for some rows of tiles, pixels y0, … down to rows lines and x0, …
// across to cols columns, with zeros outside of the image, to dst, all channels
// of a pixel side by side.
func (b *bench[T]) stage(dst []T, m *images[T], image, y0, lines, x0, cols int) {
	ld := m.lanes()
	clear(dst)
	top, bottom := max(y0, 0), min(y0+lines, m.h)
	left, right := max(x0, 0), min(x0+cols, m.w)
	if top >= bottom || left >= right {
		return
	}
	size := m.h * m.w
	src := m.plane(image)
	if m.w%8 == 0 && left == 0 && right == m.w { // whole vectors of the transposition
		for y := top; y < bottom; y++ {
			simd.Transpose(dst[((y-y0)*cols-x0)*ld:], ld, src[y*m.w:], size, m.count, m.w)
		}
		return
	}
	b.turned = grow(b.turned, (bottom-top)*m.w*ld)
	simd.Transpose(b.turned, ld, src[top*m.w:], size, m.count, (bottom-top)*m.w)
	for y := top; y < bottom; y++ {
		row := b.turned[(y-top)*m.w*ld:]
		for x := left; x < right; x++ {
			at := ((y-y0)*cols + x - x0) * ld
			copy(dst[at:at+m.count], row[x*ld:])
		}
	}
}

// input stores Bᵀ d B of a block in b.v: element (tile, channel) of a plane at
// tile·lanes + channel. The first input of tile (0, 0) is pixel (−pad, −pad).
func (b *bench[T]) input(m *images[T], g grid, pad [2]int, block int) (tiles int) {
	ld, cols := m.lanes(), g.across*edge+2
	plane := b.reserve(&b.v, g, ld)
	return g.each(block, func(s strip) {
		b.strip = grow(b.strip, (s.rows*edge+2)*cols*ld)
		b.stage(b.strip, m, s.image, s.down*edge-pad[0], s.rows*edge+2, -pad[1], cols)
		for t := range s.rows * g.across {
			simd.WinogradInput(ld, simd.Matrices[T]{X: b.v, At: (s.tile + t) * ld, Row: reach * plane, Col: plane},
				simd.Matrices[T]{X: b.strip, At: (t/g.across*cols + t%g.across) * edge * ld, Row: cols * ld, Col: ld},
				b.scratch)
		}
	})
}

// outputGrad stores A y Aᵀ of a block in b.m, as input does.
func (b *bench[T]) outputGrad(m *images[T], g grid, block int) {
	ld, cols := m.lanes(), g.across*edge
	plane := b.reserve(&b.m, g, ld)
	g.each(block, func(s strip) {
		b.strip = grow(b.strip, s.rows*edge*cols*ld)
		b.stage(b.strip, m, s.image, s.down*edge, s.rows*edge, 0, cols)
		for t := range s.rows * g.across {
			simd.WinogradOutputGrad(ld, simd.Matrices[T]{X: b.m, At: (s.tile + t) * ld, Row: reach * plane, Col: plane},
				simd.Matrices[T]{X: b.strip, At: (t/g.across*cols + t%g.across) * edge * ld, Row: cols * ld, Col: ld},
				b.scratch)
		}
	})
}

// skew is what planes are longer than they need be, in elements: a cache line, so
// that one element of all 36 planes is not in 36 lines of one set of a cache.
const skew = 16

// reserve makes room for the planes of a block, and as many rows more as a tile of
// the product may read, and returns the size of a plane.
func (b *bench[T]) reserve(x *[]T, g grid, ld int) (plane int) {
	plane = ceil(g.tiles(), mostRows)*mostRows*ld + skew
	*x = grow(*x, planes*plane)
	b.scratch = grow(b.scratch, simd.WinogradScratch)
	return plane
}

// output stores Aᵀ m A of a block, from b.m, in images.
func (b *bench[T]) output(m *images[T], g grid, block int) {
	ld, cols := m.lanes(), g.across*edge
	plane := len(b.m) / planes
	g.each(block, func(s strip) {
		b.strip = grow(b.strip, s.rows*edge*cols*ld)
		for t := range s.rows * g.across {
			simd.WinogradOutput(ld, simd.Matrices[T]{X: b.strip, At: (t/g.across*cols + t%g.across) * edge * ld,
				Row: cols * ld, Col: ld},
				simd.Matrices[T]{X: b.m, At: (s.tile + t) * ld, Row: reach * plane, Col: plane}, b.scratch)
		}
		lines := min(s.rows*edge, m.h-s.down*edge)
		if cols != m.w { // close up the lines
			for y := 1; y < lines; y++ {
				copy(b.strip[y*m.w*ld:(y+1)*m.w*ld], b.strip[y*cols*ld:])
			}
		}
		simd.Transpose(m.plane(s.image)[s.down*edge*m.w:], m.h*m.w, b.strip, ld, lines*m.w, m.count)
	})
}
