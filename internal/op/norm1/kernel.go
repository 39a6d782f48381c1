package norm1

import (
	"math"

	"github.com/whitebox-nn/whitebox/op"
)

func bind[T op.Float](_ L1, a *op.Args[T]) op.Run {
	return func() error {
		sum := 0.0
		for _, v := range a.In[0] {
			sum += math.Abs(float64(v))
		}
		a.Out[0] = T(sum)
		return nil
	}
}

func bindGrad[T op.Float](_ grad, a *op.Args[T]) op.Run {
	return func() error {
		d := a.In[1][0]
		for i, v := range a.In[0] {
			switch {
			case v > 0:
				a.Out[i] = d
			case v < 0:
				a.Out[i] = -d
			default:
				a.Out[i] = 0 * v
			}
		}
		return nil
	}
}
