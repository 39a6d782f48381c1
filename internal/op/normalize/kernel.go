package normalize

import (
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindRows[T op.Float](k Rows, a *op.Args[T]) op.Run {
	n, d := a.Shape[0], a.Shape[1]
	var bad atomic.Int64 // the first row without a direction
	rows := a.Pool.Loop(n, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x, y := a.In[0][i*d:(i+1)*d], a.Out[i*d:(i+1)*d]
			switch {
			case simd.Unit(y, x):
			case k.Zero && simd.MaxAbs(x) == 0:
				clear(y)
			default:
				for was := bad.Load(); int64(i) < was && !bad.CompareAndSwap(was, int64(i)); was = bad.Load() {
				}
			}
		}
	})
	return func() error {
		bad.Store(int64(n))
		rows.Do()
		if i := int(bad.Load()); i < n {
			return noDirection(i, n, simd.MaxAbs(a.In[0][i*d:(i+1)*d]))
		}
		return nil
	}
}

// noDirection is the error of row i of n, whose largest element is most.
func noDirection(i, n int, most float64) error {
	if most == 0 {
		return op.Errorf("normalize: row %d of %d is 0 and has no direction to keep", i, n)
	}
	return errors.Wrapf(op.ErrNotFinite, "normalize: row %d of %d holds %v", i, n, most)
}

func bindGrad[T op.Float](_ grad, a *op.Args[T]) op.Run {
	n, d := a.Shape[0], a.Shape[1]
	rows := a.Pool.Loop(n, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			simd.UnitGrad(a.Out[i*d:(i+1)*d], a.In[0][i*d:(i+1)*d], a.In[1][i*d:(i+1)*d])
		}
	})
	return func() error { rows.Do(); return nil }
}
