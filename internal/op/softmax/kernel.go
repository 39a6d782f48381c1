package softmax

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: exp takes some nanoseconds each.
const grain = 1 << 12

// rows returns the loop over rows of the last axis.
func rows[T op.Float](a *op.Args[T], row func(lo, hi int)) op.Run {
	d := a.Shape[len(a.Shape)-1]
	loop := a.Pool.Loop(len(a.Out)/d, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row(i*d, (i+1)*d)
		}
	})
	return loop.Run
}

func bind[T op.Float](_ Softmax, a *op.Args[T]) op.Run {
	return rows(a, func(lo, hi int) { simd.Softmax(a.Out[lo:hi], a.In[0][lo:hi]) })
}

func bindGrad[T op.Float](_ grad, a *op.Args[T]) op.Run {
	return rows(a, func(lo, hi int) {
		dout, y, dx := a.In[0][lo:hi], a.In[1][lo:hi], a.Out[lo:hi]
		simd.ShiftMul(dx, dout, y, -T(simd.DotWide(dout, y)))
	})
}
