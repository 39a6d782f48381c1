package arith

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindBinary[T op.Float](k Binary, a *op.Args[T]) op.Run {
	out, x, y := a.Out, a.In[0], a.In[1]
	w := walkOf(a.Shape, a.Shapes[0], a.Shapes[1])
	n, step := w.row()
	if w.rows() == 1 {
		return a.Loop(n, grain, func(lo, hi int) {
			line(k.Op, out[lo:hi], part(x, lo, hi, step[1]), part(y, lo, hi, step[2]))
		})
	}
	return a.Loop(w.rows(), max(1, grain/n), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			at := w.at(i)
			line(k.Op, out[i*n:(i+1)*n], part(x[at[1]:], 0, n, step[1]), part(y[at[2]:], 0, n, step[2]))
		}
	})
}

// part returns x from lo to hi, or its first element if it is repeated.
func part[T op.Float](x []T, lo, hi, step int) []T {
	if step == 0 {
		return x[:1]
	}
	return x[lo:hi]
}

// line stores x ∘ y in out, where x or y may be one number for all; out may be x.
func line[T op.Float](op Operator, out, x, y []T) {
	switch {
	case len(x) == len(y):
		same(op, out, x, y)
	case len(y) == 1:
		constant(op, out, x, y[0])
	default:
		reverse(op, out, x[0], y)
	}
}

// same stores x ∘ y in out, element by element; out may be x.
func same[T op.Float](op Operator, out, x, y []T) {
	switch op {
	case Add:
		simd.Add(out, x, y)
	case Sub:
		simd.Sub(out, x, y)
	case Mul:
		simd.Mul(out, x, y)
	default:
		for i, v := range y[:len(out)] {
			out[i] = x[i] / v
		}
	}
}

// constant stores x ∘ c in out; out may be x.
func constant[T op.Float](op Operator, out, x []T, c T) {
	switch op {
	case Add:
		simd.Affine(out, 1, x, c)
	case Sub:
		simd.Affine(out, 1, x, -c)
	case Mul:
		simd.Affine(out, c, x, 0)
	default:
		for i, v := range x[:len(out)] {
			out[i] = v / c
		}
	}
}

// reverse stores c ∘ y in out.
func reverse[T op.Float](op Operator, out []T, c T, y []T) {
	switch op {
	case Sub:
		simd.Affine(out, -1, y, c)
	case Div:
		for i, v := range y[:len(out)] {
			out[i] = c / v
		}
	default:
		constant(op, out, y, c)
	}
}

func bindScale[T op.Float](k Scale, a *op.Args[T]) op.Run {
	out, x, c := a.Out, a.In[0], T(k.C)
	return a.Loop(len(out), grain, func(lo, hi int) { constant(Mul, out[lo:hi], x[lo:hi], c) })
}

// bindFold adds up the rows of D, one after the other, those of one index of the first
// axis by one worker if the output has that axis.
func bindFold[T op.Float](k fold, a *op.Args[T]) op.Run {
	d, sums := a.In[0], a.Work
	other := a.Shapes[0]
	var factor []T
	if k.Product {
		factor, other = a.In[1], a.Shapes[1]
	}
	w := walkOf(a.Shapes[0], a.Shape, other)
	n, step := w.row()
	lead, width := 1, len(a.Out) // what the workers share, and how much of the output each of it is
	if last := len(w.size) - 1; last > 0 && w.strides[1][last] > 0 {
		lead, width = w.size[last], w.strides[1][last]
	}
	rows, sign := w.rows()/lead, 1.0
	if k.Negate {
		sign = -1
	}
	return a.Loop(lead, max(1, grain/(n*rows)), func(lo, hi int) {
		clear(sums[lo*width : hi*width])
		if step[1] == 0 {
			for i := lo * width; i < hi*width; i++ {
				sums[i] = math.Copysign(0, -1) // which added to −0 stays −0
			}
		}
		for i := lo * rows; i < hi*rows; i++ {
			at := w.at(i)
			row := d[i*n : (i+1)*n]
			switch {
			case factor == nil && step[1] == 0:
				sums[at[1]] += simd.SumWide(row)
			case factor == nil:
				simd.AddWide(sums[at[1]:at[1]+n], row)
			case step[1] == 0:
				sums[at[1]] += dot(row, part(factor[at[2]:], 0, n, step[2]))
			default:
				mulAdd(sums[at[1]:at[1]+n], row, part(factor[at[2]:], 0, n, step[2]))
			}
		}
		for i := lo * width; i < hi*width; i++ {
			a.Out[i] = T(sign * sums[i])
		}
	})
}

// dot returns Σ x ⊙ y, where y may be one number for all.
func dot[T op.Float](x, y []T) float64 {
	if len(y) < len(x) {
		return simd.SumWide(x) * float64(y[0])
	}
	return simd.DotWide(x, y)
}

// mulAdd adds x ⊙ y to sums, where y may be one number for all.
func mulAdd[T op.Float](sums []float64, x, y []T) {
	if len(y) == len(x) {
		simd.MulAddWide(sums, x, y)
		return
	}
	for i, v := range x {
		sums[i] += float64(v) * float64(y[0])
	}
}
