package pool

import "github.com/whitebox-nn/whitebox/internal/opkit"

// planes returns the loop over images of a channel, of x and of y.
func planes[T opkit.Float](a *opkit.Args[T], x, y []int, f func(i int)) opkit.Run {
	size := max(1, x[2]*x[3], y[2]*y[3])
	loop := a.Pool.Loop(x[0]*x[1], max(1, 1<<13/size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
	return func() error { loop.Do(); return nil }
}

// bounds returns the pixels lo, …, hi−1 of an axis of that size that window u has.
func (k Window) bounds(axis, u, size int) (lo, hi int) {
	lo = u*k.Stride[axis] - k.Pad[axis]
	return max(lo, 0), min(lo+k.Size[axis], size)
}

// each calls f with every window of an image of x: its place in y, and its pixels.
func (k Window) each(x, y []int, f func(at, top, bottom, left, right int)) {
	for u := range y[2] {
		top, bottom := k.bounds(0, u, x[2])
		for v := range y[3] {
			left, right := k.bounds(1, v, x[3])
			f(u*y[3]+v, top, bottom, left, right)
		}
	}
}

func bindMax[T opkit.Float](k Window, a *opkit.Args[T]) opkit.Run {
	x, y := a.Shapes[0], a.Shape
	return planes(a, x, y, func(i int) {
		in, out := plane(a.In[0], x, i), plane(a.Out, y, i)
		k.each(x, y, func(at, top, bottom, left, right int) {
			out[at] = in[largest(in, x[3], top, bottom, left, right)]
		})
	})
}

// largest returns where the first of the largest numbers of a window is, or the
// last NaN.
func largest[T opkit.Float](in []T, w, top, bottom, left, right int) int {
	best := top*w + left
	for r := top; r < bottom; r++ {
		for j := r*w + left; j < r*w+right; j++ {
			if v := in[j]; v > in[best] || v != v {
				best = j
			}
		}
	}
	return best
}

func bindMaxGrad[T opkit.Float](k Window, a *opkit.Args[T]) opkit.Run {
	x, y := a.Shapes[0], a.Shapes[1]
	return planes(a, x, y, func(i int) {
		in, dout, dx := plane(a.In[0], x, i), plane(a.In[1], y, i), plane(a.Out, x, i)
		clear(dx)
		k.each(x, y, func(at, top, bottom, left, right int) {
			dx[largest(in, x[3], top, bottom, left, right)] += dout[at]
		})
	})
}

func bindMean[T opkit.Float](k Window, a *opkit.Args[T]) opkit.Run {
	x, y := a.Shapes[0], a.Shape
	count := float64(k.Size[0] * k.Size[1])
	return planes(a, x, y, func(i int) {
		in, out := plane(a.In[0], x, i), plane(a.Out, y, i)
		k.each(x, y, func(at, top, bottom, left, right int) {
			sum := 0.0
			for r := top; r < bottom; r++ {
				for _, v := range in[r*x[3]+left : r*x[3]+right] {
					sum += float64(v)
				}
			}
			out[at] = T(sum / count)
		})
	})
}

func bindMeanGrad[T opkit.Float](k Window, a *opkit.Args[T]) opkit.Run {
	x, y := a.Shapes[0], a.Shapes[1]
	count := T(k.Size[0] * k.Size[1])
	return planes(a, x, y, func(i int) {
		dout, dx := plane(a.In[1], y, i), plane(a.Out, x, i)
		clear(dx)
		k.each(x, y, func(at, top, bottom, left, right int) {
			share := dout[at] / count
			for r := top; r < bottom; r++ {
				row := dx[r*x[3]+left : r*x[3]+right]
				for j := range row {
					row[j] += share
				}
			}
		})
	})
}

// plane returns image i of all channels.
func plane[T opkit.Float](x []T, shape []int, i int) []T {
	size := shape[2] * shape[3]
	return x[i*size : (i+1)*size]
}
