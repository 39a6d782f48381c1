package conv

// patches is a K×Q matrix that is not in memory: column q is the pixel
// (i, y, x) of an n×oy×ox grid, row k the tap (c, r, s), and the element
//
//	src[i, c0 + c, y·stepY + offY[r], x·stepX + offX[s]]
//
// or 0 outside of the image.
type patches[T float] struct {
	src        []T
	all        int // channels of src
	c0, c      int // those of the matrix
	h, w       int // of an image of src
	n, oy, ox  int
	step       [2]int
	offY, offX []int
}

func (p *patches[T]) rows() int { return p.c * len(p.offY) * len(p.offX) }
func (p *patches[T]) cols() int { return p.n * p.oy * p.ox }

// flatten makes one long row of each image where taps and pixels are the same,
// as in a 1×1 filter of stride 1. It reports whether it did.
func (p *patches[T]) flatten() bool {
	flat := len(p.offY) == 1 && len(p.offX) == 1 && p.offY[0] == 0 && p.offX[0] == 0 &&
		p.step == [2]int{1, 1} && p.oy == p.h && p.ox == p.w
	if flat {
		p.h, p.w, p.oy, p.ox = 1, p.h*p.w, 1, p.oy*p.ox
	}
	return flat
}

// A run is columns at, …, at+n−1 of a block that lie in one row of one image.
type run struct{ at, n, image, y, x int }

// runs appends the runs of columns q, …, q+n−1.
func (p *patches[T]) runs(dst []run, q, n int) []run {
	image, rest := q/(p.oy*p.ox), q%(p.oy*p.ox)
	y, x := rest/p.ox, rest%p.ox
	for at := 0; at < n; {
		m := min(p.ox-x, n-at)
		dst = append(dst, run{at, m, image, y, x})
		at, x, y = at+m, 0, y+1
		if y == p.oy {
			y, image = 0, image+1
		}
	}
	return dst
}

// gather copies rows lo, …, hi−1 of the columns of some runs to dst, row k at
// dst[(k−lo)·ld:].
func (p *patches[T]) gather(dst []T, ld, lo, hi int, runs []run) {
	taps := len(p.offY) * len(p.offX)
	c, t := lo/taps, lo%taps
	for k := lo; k < hi; k++ {
		offY, offX := p.offY[t/len(p.offX)], p.offX[t%len(p.offX)]
		row := dst[(k-lo)*ld:]
		for i := range runs {
			r := &runs[i]
			out := row[r.at : r.at+r.n]
			y := r.y*p.step[0] + offY
			if y < 0 || y >= p.h {
				clear(out)
				continue
			}
			at := ((r.image*p.all+p.c0+c)*p.h + y) * p.w
			line(out, p.src[at:at+p.w], r.x*p.step[1]+offX, p.step[1])
		}
		if t++; t == taps {
			c, t = c+1, 0
		}
	}
}

// line copies src[x], src[x+step], … to out, with 0 outside of src.
func line[T float](out, src []T, x, step int) {
	if x < 0 {
		n := min(ceil(-x, step), len(out))
		clear(out[:n])
		out, x = out[n:], x+n*step
	}
	n := 0
	if x < len(src) {
		n = min(ceil(len(src)-x, step), len(out))
	}
	clear(out[n:])
	if n == 0 {
		return
	}
	if step == 1 {
		copy(out[:n], src[x:])
		return
	}
	for i := range out[:n] {
		out[i] = src[x+i*step]
	}
}
