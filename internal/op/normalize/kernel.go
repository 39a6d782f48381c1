package normalize

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindRows[T opkit.Float](k Rows, a *opkit.Args[T]) opkit.Run {
	n, d := a.Shape[0], a.Shape[1]
	rows := a.Pool.Loop(n, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x, y := a.In[0][i*d:(i+1)*d], a.Out[i*d:(i+1)*d]
			c := T(1 / max(norm(x), k.Eps))
			for j, v := range x {
				y[j] = c * v
			}
		}
	})
	return func() error { rows.Do(); return nil }
}

// norm returns ‖x‖₂, NaN if x has one.
func norm[T opkit.Float](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

func bindGrad[T opkit.Float](k Rows, a *opkit.Args[T]) opkit.Run {
	n, d := a.Shape[0], a.Shape[1]
	rows := a.Pool.Loop(n, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			tangent(k.Eps, a.In[0][i*d:(i+1)*d], a.In[1][i*d:(i+1)*d], a.Out[i*d:(i+1)*d])
		}
	})
	return func() error { rows.Do(); return nil }
}

// tangent stores (D − ⟨D, y⟩y)/‖x‖ in dx, y being x/‖x‖, or D/ε where the norm is
// clamped; dx may be D.
func tangent[T opkit.Float](eps float64, dout, x, dx []T) {
	dot, r := 0.0, norm(x)
	for j, v := range dout {
		dot += float64(v) * float64(x[j])
	}
	along := T(dot / (r * r * r))
	if r <= eps {
		r, along = eps, 0
	}
	c := T(1 / r)
	for j, v := range dout {
		dx[j] = c*v - along*x[j]
	}
}
