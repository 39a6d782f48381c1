package conv

import "github.com/whitebox-nn/whitebox/internal/simd"

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
// dst[(k−lo)·ld:]. It writes whole vectors: up to simd.PickLanes−1 elements more a
// row. It returns pieces, which it uses as scratch.
func (p *patches[T]) gather(dst []T, ld, lo, hi int, runs []run, pieces []simd.Piece) []simd.Piece {
	last := runs[len(runs)-1]
	taps := len(p.offY) * len(p.offX)
	for t := range min(taps, hi-lo) {
		t = (lo + t) % taps
		c := lo / taps // the first channel whose row of this tap is asked for
		if t < lo%taps {
			c++
		}
		channels := ceil(hi-c*taps-t, taps)
		src := p.src[(p.c0+c)*p.h*p.w:]
		row := dst[(c*taps+t-lo)*ld:]
		next := 0
		for lane := 0; lane < last.at+last.n; lane += simd.PickLanes {
			for next < len(runs) && runs[next].at+runs[next].n <= lane {
				next++
			}
			pieces = p.pieces(pieces[:0], lane, runs[next:], p.offY[t/len(p.offX)], p.offX[t%len(p.offX)])
			simd.Pick(row[lane:], taps*ld, src, p.h*p.w, channels, pieces)
		}
	}
	return pieces
}

// pieces appends what 16 columns from lane on take from channel 0 for one tap.
func (p *patches[T]) pieces(dst []simd.Piece, lane int, runs []run, offY, offX int) []simd.Piece {
	step := p.step[1]
	for i := range runs {
		r := &runs[i]
		if r.at >= lane+simd.PickLanes {
			break
		}
		y := r.y*p.step[0] + offY
		if y < 0 || y >= p.h {
			continue
		}
		x := r.x*step + offX // of the first pixel of the run
		first, end := 0, r.n // the pixels of the run that are in the image
		if x < 0 {
			first = ceil(-x, step)
		}
		if reach := x + (r.n-1)*step; reach >= p.w {
			end = r.n - (reach-p.w)/step - 1
		}
		first, end = max(first, lane-r.at), min(end, lane+simd.PickLanes-r.at)
		if first >= end {
			continue
		}
		at := (r.image*p.all*p.h+y)*p.w + x
		if step == 1 {
			j := r.at + first - lane
			dst = append(dst, simd.Piece{Mask: (1<<(end-first) - 1) << j, Off: int32(at + first - j)})
			continue
		}
		for i := first; i < end; i++ {
			j := r.at + i - lane
			dst = append(dst, simd.Piece{Mask: 1 << j, Off: int32(at + i*step - j)})
		}
	}
	return dst
}
