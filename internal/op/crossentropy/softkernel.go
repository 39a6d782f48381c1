package crossentropy

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

func bindSoft[T opkit.Float](kn Soft, a *opkit.Args[T]) opkit.Run {
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

func bindSoftGrad[T opkit.Float](kn Soft, a *opkit.Args[T]) opkit.Run {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	logp, p, s := a.In[0], a.In[1], kn.Smoothing
	return rows(a, func(_, lo, hi int) {
		c, total := float64(a.In[2][0])/float64(n), s
		for _, v := range p[lo:hi] {
			total += (1 - s) * float64(v)
		}
		for i := lo; i < hi; i++ {
			q := (1-s)*float64(p[i]) + s/float64(k)
			a.Out[i] = T(c * (total*math.Exp(float64(logp[i])) - q))
		}
	})
}

func bindSoftTargetGrad[T opkit.Float](kn Soft, a *opkit.Args[T]) opkit.Run {
	n := float64(a.Shapes[0][0])
	return rows(a, func(_, lo, hi int) {
		c := -float64(a.In[1][0]) * (1 - kn.Smoothing) / n
		for i, v := range a.In[0][lo:hi] {
			a.Out[lo+i] = T(c * float64(v))
		}
	})
}
