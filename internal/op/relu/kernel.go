package relu

import "github.com/whitebox-nn/whitebox/internal/opkit"

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bind[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) { relu(a.Out[lo:hi], a.In[0][lo:hi]) })
	return func() error { loop.Do(); return nil }
}

// relu stores max(x, 0) in out; out may be x. NaN is not below 0, so it stays.
func relu[T opkit.Float](out, x []T) {
	x = x[:len(out)]
	for i, v := range x {
		if v <= 0 {
			v = 0
		}
		out[i] = v
	}
}

func bindGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) { reluGrad(a.Out[lo:hi], a.In[0][lo:hi], a.In[1][lo:hi]) })
	return func() error { loop.Do(); return nil }
}

// reluGrad stores d where y > 0 and 0 elsewhere in out; out may be d.
func reluGrad[T opkit.Float](out, d, y []T) {
	d, y = d[:len(out)], y[:len(out)]
	for i, v := range d {
		if y[i] <= 0 {
			v = 0
		}
		out[i] = v
	}
}
