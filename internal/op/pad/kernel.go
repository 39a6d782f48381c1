package pad

import "github.com/whitebox-nn/whitebox/op"

// source returns f(u) for a place u of an axis of that size, −1 for none.
func (k Pad) source(u, size int) int {
	if u >= 0 && u < size {
		return u
	}
	switch k.Mode {
	case Reflect:
		if u < 0 {
			return -u
		}
		return 2*size - 2 - u
	case Circular:
		return (u + size) % size
	case Replicate:
		return min(max(u, 0), size-1)
	}
	return -1
}

// A plan is the sources of the rows and the columns of an image.
type plan struct {
	rows, cols []int
	h, w       int // of x
	left       int
}

// plan makes it for images x of h×w.
func (k Pad) plan(h, w int) plan {
	p := plan{h: h, w: w, left: k.Left}
	for u := range k.Top + h + k.Bottom {
		p.rows = append(p.rows, k.source(u-k.Top, h))
	}
	for v := range k.Left + w + k.Right {
		p.cols = append(p.cols, k.source(v-k.Left, w))
	}
	return p
}

// planes returns the loop over the images of all channels.
func planes[T op.Float](a *op.Args[T], n, size int, f func(i int)) op.Run {
	loop := a.Pool.Loop(n, max(1, 1<<13/size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
	return loop.Run
}

func bind[T op.Float](k Pad, a *op.Args[T]) op.Run {
	x, y := a.Shapes[0], a.Shape
	p, size := k.plan(x[2], x[3]), y[2]*y[3]
	return planes(a, x[0]*x[1], size, func(i int) {
		in, out := a.In[0][i*p.h*p.w:(i+1)*p.h*p.w], a.Out[i*size:(i+1)*size]
		for u, r := range p.rows {
			dst := out[u*len(p.cols) : (u+1)*len(p.cols)]
			if r < 0 {
				clear(dst)
				continue
			}
			row := in[r*p.w : (r+1)*p.w]
			copy(dst[p.left:], row)
			for _, side := range [2][2]int{{0, p.left}, {p.left + p.w, len(dst)}} {
				for v := side[0]; v < side[1]; v++ {
					if dst[v] = 0; p.cols[v] >= 0 {
						dst[v] = row[p.cols[v]]
					}
				}
			}
		}
	})
}

func bindGrad[T op.Float](k grad, a *op.Args[T]) op.Run {
	d, x := a.Shapes[0], a.Shape
	p, size := k.Of.plan(x[2], x[3]), d[2]*d[3]
	return planes(a, x[0]*x[1], size, func(i int) {
		dout, dx := a.In[0][i*size:(i+1)*size], a.Out[i*p.h*p.w:(i+1)*p.h*p.w]
		clear(dx)
		for u, r := range p.rows {
			if r < 0 {
				continue
			}
			row := dx[r*p.w : (r+1)*p.w]
			for v, c := range p.cols {
				if c >= 0 {
					row[c] += dout[u*len(p.cols)+v]
				}
			}
		}
	})
}
