package arith

import "github.com/whitebox-nn/whitebox/internal/opkit"

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindBinary[T opkit.Float](k Binary, a *opkit.Args[T]) opkit.Run {
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
func same[T opkit.Float](op Operator, out, x, y []T) {
	x, y = x[:len(out)], y[:len(out)]
	switch op {
	case Add:
		for i := range out {
			out[i] = x[i] + y[i]
		}
	case Sub:
		for i := range out {
			out[i] = x[i] - y[i]
		}
	default:
		for i := range out {
			out[i] = x[i] * y[i]
		}
	}
}

// constant stores x ∘ c in out; out may be x.
func constant[T opkit.Float](op Operator, out, x []T, c T) {
	x = x[:len(out)]
	switch op {
	case Add:
		for i := range out {
			out[i] = x[i] + c
		}
	case Sub:
		for i := range out {
			out[i] = x[i] - c
		}
	default:
		for i := range out {
			out[i] = x[i] * c
		}
	}
}

func bindScale[T opkit.Float](k Scale, a *opkit.Args[T]) opkit.Run {
	out, x, c := a.Out, a.In[0], T(k.C)
	loop := a.Pool.Loop(len(out), grain, func(lo, hi int) { constant(Mul, out[lo:hi], x[lo:hi], c) })
	return func() error { loop.Do(); return nil }
}

func bindSum[T opkit.Float](k sum, a *opkit.Args[T]) opkit.Run {
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
				total := 0.0
				for _, v := range row {
					total += float64(v)
				}
				a.Out[i] = T(sign * total)
				continue
			}
			for j, v := range row {
				sums[j] += float64(v)
			}
		}
		if k.Form == Row {
			for j, v := range sums {
				a.Out[j] = T(sign * v)
			}
		}
		return nil
	}
}

func bindProductSum[T opkit.Float](k productSum, a *opkit.Args[T]) opkit.Run {
	d, x, y, sums := a.Shapes[0][1], a.In[0], a.In[1], a.Work
	return func() error {
		clear(sums)
		for i := range len(x) / d {
			row, other := x[i*d:(i+1)*d], y[i*d:(i+1)*d]
			if k.Form == Col {
				total := 0.0
				for j, v := range row {
					total += float64(v) * float64(other[j])
				}
				a.Out[i] = T(total)
				continue
			}
			for j, v := range row {
				sums[j] += float64(v) * float64(other[j])
			}
		}
		if k.Form == Row {
			for j, v := range sums {
				a.Out[j] = T(v)
			}
		}
		return nil
	}
}
