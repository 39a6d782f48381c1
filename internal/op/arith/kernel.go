package arith

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindBinary[T op.Float](k Binary, a *op.Args[T]) op.Run {
	out, x, y := a.Out, a.In[0], a.In[1]
	if k.Form == Same {
		loop := a.Pool.Loop(len(out), grain, func(lo, hi int) { same(k.Op, out[lo:hi], x[lo:hi], y[lo:hi]) })
		return func() error { loop.Do(); return nil }
	}
	n, d := a.Shape[0], a.Shape[1]
	rows := a.Pool.Loop(n, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if k.Form == Row {
				same(k.Op, out[i*d:(i+1)*d], x[i*d:(i+1)*d], y)
			} else {
				constant(k.Op, out[i*d:(i+1)*d], x[i*d:(i+1)*d], y[i])
			}
		}
	})
	return func() error { rows.Do(); return nil }
}

// same stores x ∘ y in out, element by element; out may be x.
func same[T op.Float](op Operator, out, x, y []T) {
	switch op {
	case Add:
		simd.Add(out, x, y)
	case Sub:
		simd.Sub(out, x, y)
	default:
		simd.Mul(out, x, y)
	}
}

// constant stores x ∘ c in out; out may be x.
func constant[T op.Float](op Operator, out, x []T, c T) {
	switch op {
	case Add:
		simd.Affine(out, 1, x, c)
	case Sub:
		simd.Affine(out, 1, x, -c)
	default:
		simd.Affine(out, c, x, 0)
	}
}

func bindScale[T op.Float](k Scale, a *op.Args[T]) op.Run {
	out, x, c := a.Out, a.In[0], T(k.C)
	loop := a.Pool.Loop(len(out), grain, func(lo, hi int) { constant(Mul, out[lo:hi], x[lo:hi], c) })
	return func() error { loop.Do(); return nil }
}

func bindSum[T op.Float](k sum, a *op.Args[T]) op.Run {
	d, x, sums := a.Shapes[0][1], a.In[0], a.Work
	sign := 1.0
	if k.Negate {
		sign = -1
	}
	return func() error {
		clear(sums)
		for i := range len(x) / d {
			row := x[i*d : (i+1)*d]
			if k.Form == Col {
				a.Out[i] = T(sign * simd.SumWide(row))
				continue
			}
			simd.AddWide(sums[:d], row)
		}
		if k.Form == Row {
			for j, v := range sums {
				a.Out[j] = T(sign * v)
			}
		}
		return nil
	}
}

func bindProductSum[T op.Float](k productSum, a *op.Args[T]) op.Run {
	d, x, y, sums := a.Shapes[0][1], a.In[0], a.In[1], a.Work
	return func() error {
		clear(sums)
		for i := range len(x) / d {
			row, other := x[i*d:(i+1)*d], y[i*d:(i+1)*d]
			if k.Form == Col {
				a.Out[i] = T(simd.DotWide(row, other))
				continue
			}
			simd.MulAddWide(sums[:d], row, other)
		}
		if k.Form == Row {
			for j, v := range sums {
				a.Out[j] = T(v)
			}
		}
		return nil
	}
}
