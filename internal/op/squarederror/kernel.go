package squarederror

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

// scale returns c for n elements.
func (k Error) scale(n int) float64 {
	if k.Mean {
		return 1 / float64(n)
	}
	return 1
}

func bind[T op.Float](k Error, a *op.Args[T]) op.Run {
	x, y, sums, c := a.In[0], a.In[1], a.Work, k.scale(len(a.In[0]))
	chunks := a.Pool.Loop(len(x), grain, func(lo, hi int) {
		sums[lo/grain] = simd.DistanceWide(x[lo:hi], y[lo:hi])
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

func bindGrad[T op.Float](k grad, a *op.Args[T]) op.Run {
	x, y, dout, c := a.In[0], a.In[1], a.In[2], 2*k.Of.scale(len(a.In[0]))
	loop := a.Pool.Loop(len(x), grain, func(lo, hi int) {
		out := a.Out[lo:hi]
		simd.Sub(out, x[lo:hi], y[lo:hi])
		simd.Affine(out, T(c*float64(dout[0])), out, 0)
	})
	return loop.Run
}
