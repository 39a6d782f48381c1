package crossentropy

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

func bindSoft[T op.Float](kn Soft, a *op.Args[T]) op.Run {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	logp, p, s := a.In[1], a.In[2], kn.Smoothing
	return func() error {
		sum := 0.0
		for i, v := range logp {
			if q := (1-s)*float64(p[i]) + s/float64(k); q != 0 { // 0·log 0 is 0
				sum -= q * float64(v)
			}
		}
		a.Out[0] = T(sum / float64(n))
		return nil
	}
}

func bindSoftGrad[T op.Float](kn softGrad, a *op.Args[T]) op.Run {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	logp, p, s := a.In[0], a.In[1], kn.Of.Smoothing
	return rows(a, func(_, lo, hi int) {
		c, total := float64(a.In[2][0])/float64(n), s+(1-s)*simd.SumWide(p[lo:hi])
		out := a.Out[lo:hi]
		simd.Exp(out, logp[lo:hi])
		simd.Combine(out, T(c*total), out, -T(c*(1-s)), p[lo:hi], -T(c*s/float64(k)))
	})
}

func bindSoftTargetGrad[T op.Float](kn softTargetGrad, a *op.Args[T]) op.Run {
	n := float64(a.Shapes[0][0])
	return rows(a, func(_, lo, hi int) {
		c := -float64(a.In[1][0]) * (1 - kn.Of.Smoothing) / n
		simd.Affine(a.Out[lo:hi], T(c), a.In[0][lo:hi], 0)
	})
}
