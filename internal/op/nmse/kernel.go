package nmse

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/simd"
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

// scaledSums returns sums, divided by 2²ᵉ where that of t would be out of range, and e.
func scaledSums[T op.Float](z, t []T) (e, norm float64, exp int) {
	e, norm = sums(z, t)
	most := simd.MaxAbs(t)
	if norm >= 0x1p-900 && norm <= 0x1p1000 || !(most > 0) || math.IsInf(most, 1) {
		return e, norm, 0
	}
	_, exp = math.Frexp(most)
	e, norm = 0, 0
	for i, v := range t {
		w := math.Ldexp(float64(v), -exp)
		r := math.Ldexp(float64(z[i]), -exp) - w
		e, norm = e+r*r, norm+w*w
	}
	return e, norm, exp
}

func bind[T op.Float](k NMSE, a *op.Args[T]) op.Run {
	return func() error {
		e, norm, _ := scaledSums(a.In[0], a.In[1])
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
		e, norm, exp := scaledSums(a.In[0], a.In[1])
		c := 2 * float64(a.In[2][0]) / norm
		if k.Of.DB {
			c *= 10 / math.Ln10 / (e / norm)
		}
		if exp != 0 { // both sums are scaled by 2⁻²ᵉ
			for i, v := range a.In[1] {
				r := math.Ldexp(float64(a.In[0][i]), -exp) - math.Ldexp(float64(v), -exp)
				a.Out[i] = T(math.Ldexp(c*r, -exp))
			}
			return nil
		}
		for i, v := range a.In[1] {
			a.Out[i] = T(c * (float64(a.In[0][i]) - float64(v)))
		}
		return nil
	}
}
