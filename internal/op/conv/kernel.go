package conv

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// mostRows is as many rows as a tile of any instruction set has: what packed
// matrices are padded to.
const mostRows = 8

func packedSize(groups int, w []int) int {
	return groups * padded(w[0]/groups) * w[1] * w[2] * w[3]
}

func padded(rows int) int { return ceil(rows, mostRows) * mostRows }

func bindConv[T float](k Conv, a *op.Args[T]) op.Run {
	x, w, y := a.Shapes[0], a.Shapes[1], a.Shape
	m, rows := w[0]/k.Groups, w[1]*w[2]*w[3]
	if k.fits(w, w[1], y[2], y[3]) {
		return winograds(k.Geometry, a, func(g int) *winoProduct[T] {
			return newWinoProduct(images[T]{a.In[0], x[1], g * w[1], w[1], x[0], x[2], x[3]},
				images[T]{a.Out, y[1], g * m, m, y[0], y[2], y[3]},
				k.Pad, a.In[1][g*m*rows:(g+1)*m*rows], false, a.Scratch)
		})
	}
	if k.byRows(w) {
		return rowConvs(k, a)
	}
	packed := a.Scratch
	var packs, products []func()
	for g := range k.Groups {
		p := newProduct(m, packed[g*padded(m)*rows:], patches[T]{
			src: a.In[0], all: x[1], c0: g * w[1], c: w[1], h: x[2], w: x[3], n: x[0], oy: y[2], ox: y[3],
			step: k.Stride, offY: k.taps(0, w[2]), offX: k.taps(1, w[3]),
		}, target[T]{dst: a.Out, all: y[1], m0: g * m, h: y[2], w: y[3], step: [2]int{1, 1}})
		filters := a.In[1][g*m*rows : (g+1)*m*rows]
		pack := a.Pool.Loop(p.panels(), 1, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				n := min(p.tile.Rows, m-r*p.tile.Rows)
				simd.Transpose(p.a[r*rows*p.tile.Rows:], p.tile.Rows, filters[r*p.tile.Rows*rows:], rows, n, rows)
			}
		})
		p.reserve(a.Pool.Workers())
		packs, products = append(packs, pack.Do), append(products, func() { p.run(a.Pool) })
	}
	return sequence(packs, products)
}

// winograds runs the product of each group.
func winograds[T float](k Geometry, a *op.Args[T], group func(g int) *winoProduct[T]) op.Run {
	var steps []func()
	for g := range k.Groups {
		p := group(g)
		reserve(a.Pool.Workers(), p.reserve)
		steps = append(steps, func() { p.run(a.Pool) })
	}
	return sequence(steps)
}

// taps returns where the taps of a filter are, seen from a pixel times the stride.
func (k Geometry) taps(axis, size int) []int {
	off := make([]int, size)
	for r := range off {
		off[r] = r*k.Dilation[axis] - k.Pad[axis]
	}
	return off
}

// sequence runs functions in their order.
func sequence(parts ...[]func()) op.Run {
	return func() error {
		for _, part := range parts {
			for _, f := range part {
				f()
			}
		}
		return nil
	}
}

// bindTransposed makes a product for each phase of the pixels of the output: those
// with one residue modulo the stride, down and across.
func bindTransposed[T float](k Transposed, a *op.Args[T]) op.Run {
	y, w, x := a.Shapes[0], a.Shapes[1], a.Shape
	og := w[0] / k.Groups
	if k.fits(w, og, x[2], x[3]) {
		size := og * w[1] * 9
		return winograds(k.Geometry, a, func(g int) *winoProduct[T] {
			return newWinoProduct(images[T]{a.In[0], y[1], g * og, og, y[0], y[2], y[3]},
				images[T]{a.Out, x[1], g * w[1], w[1], x[0], x[2], x[3]},
				[2]int{2 - k.Pad[0], 2 - k.Pad[1]}, a.In[1][g*size:(g+1)*size], true, a.Scratch)
		})
	}
	if k.byRows(w) {
		return rowAdjoints(k, a)
	}
	packed := a.Scratch
	var steps []func()
	empty := false
	for g := range k.Groups {
		for a0 := range min(k.Stride[0], k.H) {
			for a1 := range min(k.Stride[1], k.W) {
				tapsY, offY := k.phase(0, a0, w[2])
				tapsX, offX := k.phase(1, a1, w[3])
				if len(tapsY) == 0 || len(tapsX) == 0 {
					empty = true
					continue
				}
				p := newProduct(w[1], packed, patches[T]{
					src: a.In[0], all: y[1], c0: g * og, c: og, h: y[2], w: y[3],
					n: x[0], oy: ceil(k.H-a0, k.Stride[0]), ox: ceil(k.W-a1, k.Stride[1]),
					step: [2]int{1, 1}, offY: offY, offX: offX,
				}, target[T]{dst: a.Out, all: x[1], m0: g * w[1], h: x[2], w: x[3], step: k.Stride, at: [2]int{a0, a1}})
				packed = packed[padded(w[1])*p.k:]
				pack := a.Pool.Loop(p.panels(), 1, func(lo, hi int) {
					for r := lo; r < hi; r++ {
						packTaps(p, r, a.In[1][g*og*w[1]*w[2]*w[3]:], w, tapsY, tapsX)
					}
				})
				p.reserve(a.Pool.Workers())
				steps = append(steps, pack.Do, func() { p.run(a.Pool) })
			}
		}
	}
	if empty { // pixels that the convolution does not see
		steps = append([]func(){func() { clear(a.Out) }}, steps...)
	}
	return sequence(steps)
}

// phase returns the taps that meet pixels a, a + S, …, and where in y each does,
// seen from the number of the pixel.
func (k Geometry) phase(axis, a, size int) (taps, off []int) {
	for r := range size {
		at := a + k.Pad[axis] - r*k.Dilation[axis]
		if s := k.Stride[axis]; at%s == 0 {
			taps, off = append(taps, r), append(off, at/s)
		}
	}
	return taps, off
}

// packTaps packs panel r of the c×K matrix wᵀ of some taps, K = o·|tapsY|·|tapsX|.
func packTaps[T float](p *product[T], r int, w []T, shape []int, tapsY, tapsX []int) {
	rows := p.tile.Rows
	dst := p.a[r*p.k*rows : (r+1)*p.k*rows]
	channels, size := shape[1], shape[2]*shape[3]
	n := min(rows, channels-r*rows)
	at := 0
	for o := 0; at < len(dst); o++ {
		filter := w[(o*channels+r*rows)*size:]
		for _, y := range tapsY {
			for _, x := range tapsX {
				tap := filter[y*shape[3]+x:]
				for i := range n {
					dst[at+i] = tap[i*size]
				}
				at += rows
			}
		}
	}
}
