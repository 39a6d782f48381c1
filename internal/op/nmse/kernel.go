package nmse

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/op"
)

// sums returns Σ (z − t)² and Σ t².
func sums[T op.Float](z, t []T) (e, norm float64) {
	for i, v := range t {
		r := float64(z[i]) - float64(v)
		e += r * r
		norm += float64(v) * float64(v)
	}
	return e, norm
}

func bind[T op.Float](k NMSE, a *op.Args[T]) op.Run {
	return func() error {
		e, norm := sums(a.In[0], a.In[1])
		if norm == 0 {
			return errors.Wrap(op.ErrInput, "nmse: the target is 0: there is nothing to normalise by")
		}
		if e /= norm; k.DB {
			e = 10 * math.Log10(e)
		}
		a.Out[0] = T(e)
		return nil
	}
}

func bindGrad[T op.Float](k grad, a *op.Args[T]) op.Run {
	return func() error {
		e, norm := sums(a.In[0], a.In[1])
		c := 2 * float64(a.In[2][0]) / norm
		if k.Of.DB {
			c *= 10 / math.Ln10 / (e / norm)
		}
		for i, v := range a.In[1] {
			a.Out[i] = T(c * (float64(a.In[0][i]) - float64(v)))
		}
		return nil
	}
}
