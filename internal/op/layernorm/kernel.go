package layernorm

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

// rows returns the loop over rows of x, of length d.
func rows[T op.Float](a *op.Args[T], size, d int, row func(i, lo, hi int)) op.Run {
	loop := a.Pool.Loop(size/d, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row(i, i*d, (i+1)*d)
		}
	})
	return func() error { loop.Do(); return nil }
}

func bindStats[T op.Float](k Stats, a *op.Args[T]) op.Run {
	d := last(a.Shapes[0])
	return rows(a, len(a.In[0]), d, func(i, lo, hi int) {
		mean, variance := moments(a.In[0][lo:hi])
		a.WideOut[2*i], a.WideOut[2*i+1] = mean, 1/math.Sqrt(variance+k.Eps)
	})
}

// moments returns the mean and the biased variance of x.
func moments[T op.Float](x []T) (mean, variance float64) {
	n := float64(len(x))
	mean = simd.SumWide(x) / n
	_, squares := simd.Moments(x, mean)
	return mean, squares / n
}

func bindNorm[T op.Float](_ Norm, a *op.Args[T]) op.Run {
	gamma, beta := a.In[2], a.In[3]
	return rows(a, len(a.Out), len(gamma), func(i, lo, hi int) {
		mean, r := a.WideIn[1][2*i], a.WideIn[1][2*i+1]
		y := a.Out[lo:hi]
		standardize(y, a.In[0][lo:hi], mean, r)
		simd.Mul(y, y, gamma)
		simd.Add(y, y, beta)
	})
}

// standardize stores (x − mean)·r in y, which may be x. The mean is taken off in
// two parts, of which the first is of T and the difference to it mostly exact: one
// rounding of the mean would shift all of a row whose mean is large.
func standardize[T op.Float](y, x []T, mean, r float64) {
	part := T(mean)
	simd.Affine(y, 1, x, -part)
	simd.Affine(y, T(r), y, -T((mean-float64(part))*r))
}

func bindInputGrad[T op.Float](_ inputGrad, a *op.Args[T]) op.Run {
	gamma := a.In[3]
	d := float64(len(gamma))
	return rows(a, len(a.Out), len(gamma), func(i, lo, hi int) {
		mean, r := a.WideIn[2][2*i], a.WideIn[2][2*i+1]
		dout, x, dx := a.In[0][lo:hi], a.In[1][lo:hi], a.Out[lo:hi]
		simd.Mul(dx, dout, gamma)
		sumG, sumGX := simd.CoMoments(dx, x, mean)
		b, part := r*r*r*sumGX/d, T(mean)
		simd.CentreCombine(dx, T(r), dx, -T(b), x, part, T(b*(mean-float64(part))-r*sumG/d))
	})
}

func bindGainGrad[T op.Float](_ gainGrad, a *op.Args[T]) op.Run {
	d, sums := len(a.Out), a.Work
	xhat := make([]T, d)
	return func() error {
		clear(sums)
		for lo := 0; lo < len(a.In[0]); lo += d {
			mean, r := a.WideIn[2][2*(lo/d)], a.WideIn[2][2*(lo/d)+1]
			standardize(xhat, a.In[1][lo:lo+d], mean, r)
			simd.MulAddWide(sums[:d], a.In[0][lo:lo+d], xhat)
		}
		for j, v := range sums {
			a.Out[j] = T(v)
		}
		return nil
	}
}

func bindShiftGrad[T op.Float](_ shiftGrad, a *op.Args[T]) op.Run {
	d, sums := len(a.Out), a.Work
	return func() error {
		clear(sums)
		for lo := 0; lo < len(a.In[0]); lo += d {
			simd.AddWide(sums[:d], a.In[0][lo:lo+d])
		}
		for j, v := range sums {
			a.Out[j] = T(v)
		}
		return nil
	}
}
