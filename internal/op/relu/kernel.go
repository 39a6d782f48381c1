package relu

import (
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bind[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) { simd.ReLU(a.Out[lo:hi], a.In[0][lo:hi]) })
	return func() error { loop.Do(); return nil }
}

func bindAdd[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) { simd.AddReLU(a.Out[lo:hi], a.In[0][lo:hi], a.In[1][lo:hi]) })
	return func() error { loop.Do(); return nil }
}

func bindGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) { simd.ReLUGrad(a.Out[lo:hi], a.In[1][lo:hi], a.In[0][lo:hi]) })
	return func() error { loop.Do(); return nil }
}
