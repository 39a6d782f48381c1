package nmse

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// sums returns Σ (z − t)² and Σ t².
func sums[T opkit.Float](z, t []T) (e, norm float64) {
	for i, v := range t {
		r := float64(z[i]) - float64(v)
		e += r * r
		norm += float64(v) * float64(v)
	}
	return e, norm
}

func bind[T opkit.Float](k NMSE, a *opkit.Args[T]) opkit.Run {
	return func() error {
		e, norm := sums(a.In[0], a.In[1])
		if norm == 0 {
			return errors.Wrap(opkit.ErrInput, "nmse: the target is 0: there is nothing to normalise by")
		}
		if e /= norm; k.DB {
			e = 10 * math.Log10(e)
		}
		a.Out[0] = T(e)
		return nil
	}
}

func bindGrad[T opkit.Float](k grad, a *opkit.Args[T]) opkit.Run {
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
