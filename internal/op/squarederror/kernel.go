package squarederror

import "github.com/whitebox-nn/whitebox/internal/opkit"

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

// scale returns c for n elements.
func (k Error) scale(n int) float64 {
	if k.Mean {
		return 1 / float64(n)
	}
	return 1
}

func bind[T opkit.Float](k Error, a *opkit.Args[T]) opkit.Run {
	x, y, sums, c := a.In[0], a.In[1], a.Work, k.scale(len(a.In[0]))
	chunks := a.Pool.Loop(len(x), grain, func(lo, hi int) {
		sum, y := 0.0, y[lo:hi]
		for i, v := range x[lo:hi] {
			e := float64(v) - float64(y[i])
			sum += e * e
		}
		sums[lo/grain] = sum
	})
	return func() error {
		chunks.Do()
		sum := 0.0
		for i := range (len(x) + grain - 1) / grain {
			sum += sums[i]
		}
		a.Out[0] = T(c * sum)
		return nil
	}
}

func bindGrad[T opkit.Float](k Error, a *opkit.Args[T]) opkit.Run {
	x, y, dout, c := a.In[0], a.In[1], a.In[2], 2*k.scale(len(a.In[0]))
	loop := a.Pool.Loop(len(x), grain, func(lo, hi int) {
		out, y, c := a.Out[lo:hi], y[lo:hi], T(c*float64(dout[0]))
		for i, v := range x[lo:hi] {
			out[i] = c * (v - y[i])
		}
	})
	return func() error { loop.Do(); return nil }
}
