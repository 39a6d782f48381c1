package normalize

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindRows[T opkit.Float](k Rows, a *opkit.Args[T]) opkit.Run {
	n, d := a.Shape[0], a.Shape[1]
	rows := a.Pool.Loop(n, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x, y := a.In[0][i*d:(i+1)*d], a.Out[i*d:(i+1)*d]
			simd.Affine(y, T(1/max(norm(x), k.Eps)), x, 0)
		}
	})
	return func() error { rows.Do(); return nil }
}

// norm returns ‖x‖₂, NaN if x has one.
func norm[T opkit.Float](x []T) float64 {
	return math.Sqrt(simd.DotWide(x, x))
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
	dot, r := simd.DotWide(dout, x), norm(x)
	along := T(dot / (r * r * r))
	if r <= eps {
		r, along = eps, 0
	}
	simd.Combine(dx, T(1/r), dout, -along, x, 0)
}
