package pool

import (
	"math"

	"github.com/whitebox-nn/whitebox/op"
)

// planes returns the loop over images of a channel, of x and of y.
func planes[T op.Float](a *op.Args[T], x, y []int, f func(i int)) op.Run {
	size := max(1, x[2]*x[3], y[2]*y[3])
	loop := a.Pool.Loop(x[0]*x[1], max(1, 1<<13/size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
	return loop.Run
}

// A span is the pixels lo, lo + step, … below hi of an axis.
type span struct{ lo, hi, step int }

// span returns the pixels of an axis of that size that window u has.
func (k Window) span(axis, u, size int) span {
	lo, step := u*k.Stride[axis]-k.Pad[axis], k.dilation(axis)
	hi := min(lo+(k.Size[axis]-1)*step+1, size)
	if lo < 0 {
		lo += (step - 1 - lo) / step * step
	}
	return span{lo, hi, step}
}

// each calls f with every window of an image of x: its place in y, and its pixels.
func (k Window) each(x, y []int, f func(at int, rows, cols span)) {
	for u := range y[2] {
		rows := k.span(0, u, x[2])
		for v := range y[3] {
			f(u*y[3]+v, rows, k.span(1, v, x[3]))
		}
	}
}

// count returns how many pixels the mean of window (u, v) is over.
func (k Mean) count(u, v int, x []int) int {
	n := 1
	for axis, at := range [2]int{u, v} {
		lo := at*k.Stride[axis] - k.Pad[axis]
		hi := min(lo+k.Size[axis], x[2+axis]+k.Pad[axis])
		if k.Inside {
			lo, hi = max(lo, 0), min(hi, x[2+axis])
		}
		n *= hi - lo
	}
	return n
}

func bindMax[T op.Float](k Max, a *op.Args[T]) op.Run {
	x, y := a.Shapes[0], a.Shape
	return planes(a, x, y, func(i int) {
		in, out := plane(a.In[0], x, i), plane(a.Out, y, i)
		k.Window.each(x, y, func(at int, rows, cols span) {
			out[at] = T(math.Inf(-1)) // of a dilated window that meets the padding only
			if best := largest(in, x[3], rows, cols); best >= 0 {
				out[at] = in[best]
			}
		})
	})
}

// largest returns where the first of the largest numbers of a window is, or the
// last NaN, or −1 if it has no pixel.
func largest[T op.Float](in []T, w int, rows, cols span) int {
	best := -1
	for r := rows.lo; r < rows.hi; r += rows.step {
		for j := r*w + cols.lo; j < r*w+cols.hi; j += cols.step {
			if v := in[j]; best < 0 || v > in[best] || v != v {
				best = j
			}
		}
	}
	return best
}

func bindMaxGrad[T op.Float](k maxGrad, a *op.Args[T]) op.Run {
	x, y := a.Shapes[0], a.Shapes[1]
	return planes(a, x, y, func(i int) {
		in, dout, dx := plane(a.In[0], x, i), plane(a.In[1], y, i), plane(a.Out, x, i)
		clear(dx)
		k.Window.each(x, y, func(at int, rows, cols span) {
			if best := largest(in, x[3], rows, cols); best >= 0 {
				dx[best] += dout[at]
			}
		})
	})
}

func bindMean[T op.Float](k Mean, a *op.Args[T]) op.Run {
	x, y := a.Shapes[0], a.Shape
	return planes(a, x, y, func(i int) {
		in, out := plane(a.In[0], x, i), plane(a.Out, y, i)
		k.each(x, y, func(at int, rows, cols span) {
			sum := 0.0
			for r := rows.lo; r < rows.hi; r++ {
				for _, v := range in[r*x[3]+cols.lo : r*x[3]+cols.hi] {
					sum += float64(v)
				}
			}
			out[at] = T(sum / float64(k.count(at/y[3], at%y[3], x)))
		})
	})
}

func bindMeanGrad[T op.Float](k meanGrad, a *op.Args[T]) op.Run {
	x, y := a.Shapes[0], a.Shapes[1]
	return planes(a, x, y, func(i int) {
		dout, dx := plane(a.In[1], y, i), plane(a.Out, x, i)
		clear(dx)
		k.Of.each(x, y, func(at int, rows, cols span) {
			share := dout[at] / T(k.Of.count(at/y[3], at%y[3], x))
			for r := rows.lo; r < rows.hi; r++ {
				row := dx[r*x[3]+cols.lo : r*x[3]+cols.hi]
				for j := range row {
					row[j] += share
				}
			}
		})
	})
}

// plane returns image i of all channels.
func plane[T op.Float](x []T, shape []int, i int) []T {
	size := shape[2] * shape[3]
	return x[i*size : (i+1)*size]
}
