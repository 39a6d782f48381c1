package arrange

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// around returns how many rows x has about an axis, and the numbers of one place of the
// axis.
func around(x []int, axis int) (rows, unit int) {
	rows, unit = 1, 1
	for i, size := range x {
		switch {
		case i < axis:
			rows *= size
		case i > axis:
			unit *= size
		}
	}
	return rows, unit
}

// parts returns the run that copies the first width numbers of each row, ldd and lds
// numbers apart.
func parts[T op.Float](a *op.Args[T], rows, width int, dst []T, ldd int, src []T, lds int) op.Run {
	return a.Loop(rows*width, op.Grain, func(lo, hi int) {
		for lo < hi {
			i, j := lo/width, lo%width
			n := min(width-j, hi-lo)
			copy(dst[i*ldd+j:i*ldd+j+n], src[i*lds+j:i*lds+j+n])
			lo += n
		}
	})
}

func bindConcat[T op.Float](k Concat, a *op.Args[T]) op.Run {
	rows, unit := around(a.Shape, k.Axis)
	whole, at := a.Shape[k.Axis]*unit, 0
	var runs op.Sequence
	for i, x := range a.In {
		width := a.Shapes[i][k.Axis] * unit
		runs.Add(parts(a, rows, width, a.Out[at:], whole, x, width), nil)
		at += width
	}
	run, _ := runs.Run() // no error was added
	return run
}

func bindSlice[T op.Float](k Slice, a *op.Args[T]) op.Run {
	rows, unit := around(a.Shape, k.Axis)
	width := (k.Hi - k.Lo) * unit
	return parts(a, rows, width, a.Out, width, a.In[0][k.Lo*unit:], a.Shapes[0][k.Axis]*unit)
}

func bindPlace[T op.Float](k place, a *op.Args[T]) op.Run {
	rows, unit := around(a.Shape, k.Axis)
	whole, width, at := k.Size*unit, a.Shapes[0][k.Axis]*unit, k.Lo*unit
	return a.Loop(rows, max(1, op.Grain/whole), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out := a.Out[i*whole : (i+1)*whole]
			clear(out[:at])
			copy(out[at:at+width], a.In[0][i*width:])
			clear(out[at+width:])
		}
	})
}

// strides returns how far apart the places of each axis of out lie in x, and in out.
func (k Transpose) strides(x, out []int) (in, own [MaxRank]int) {
	rank := len(x)
	var of [MaxRank]int
	for i, s := rank-1, 1; i >= 0; i-- {
		of[i], s = s, s*x[i]
	}
	for i, s := rank-1, 1; i >= 0; i-- {
		in[i], own[i], s = of[k.Axes[i]], s, s*out[i]
	}
	return in, own
}

const block = 64 // rows of a matrix that is transposed at a time

func bindTranspose[T op.Float](k Transpose, a *op.Args[T]) op.Run {
	out, rank := a.Shape, len(a.Shape)
	if rank < 2 {
		return a.Each(func(lo, hi int) { copy(a.Out[lo:hi], a.In[0][lo:hi]) })
	}
	in, own := k.strides(a.Shapes[0], out)
	last := rank - 1
	d := out[last]
	if k.Axes[last] == last { // rows stay
		return a.Loop(len(a.Out)/d, max(1, op.Grain/d), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				copy(a.Out[i*d:(i+1)*d], a.In[0][offset(i, out, in, last, last):])
			}
		})
	}
	p := 0 // the axis of out that is x's last
	for k.Axes[p] != last {
		p++
	}
	cols := out[p]
	blocks := (d + block - 1) / block
	return a.Loop(len(a.Out)/(d*cols)*blocks, max(1, op.Grain/(min(d, block)*cols)), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			i, first := t/blocks, t%blocks*block
			dst, src := a.Out[offset(i, out, own, p, last)+first:], a.In[0][offset(i, out, in, p, last)+first*in[last]:]
			simd.Transpose(dst, own[p], src, in[last], min(block, d-first), cols)
		}
	})
}

// offset returns where place i of the axes but p and q lies, in an order of these.
func offset(i int, shape []int, strides [MaxRank]int, p, q int) (at int) {
	for axis := len(shape) - 1; axis >= 0; axis-- {
		if axis != p && axis != q {
			at += i % shape[axis] * strides[axis]
			i /= shape[axis]
		}
	}
	return at
}
