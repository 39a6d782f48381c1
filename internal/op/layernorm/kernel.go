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
	return loop.Run
}

func bindStats[T op.Float](k Stats, a *op.Args[T]) op.Run {
	d := last(a.Shapes[0])
	return rows(a, len(a.In[0]), d, func(i, lo, hi int) {
		mean, variance := moments(a.In[0][lo:hi])
		r := 1 / math.Sqrt(variance+k.Eps)
		if v := variance + k.Eps; !(v >= 0x1p-900 && v <= 0x1p1000) {
			mean, r = scaledMoments(a.In[0][lo:hi], k.Eps)
		}
		a.WideOut[2*i], a.WideOut[2*i+1] = mean, r
	})
}

// scaledMoments returns the mean of x and 1/√(σ² + ε) where squares are out of range: from
// numbers scaled by a power of 2.
func scaledMoments[T op.Float](x []T, eps float64) (mean, r float64) {
	_, e := math.Frexp(simd.MaxAbs(x))
	n, squares := float64(len(x)), 0.0
	for _, v := range x {
		mean += math.Ldexp(float64(v), -e) / n
	}
	for _, v := range x {
		d := math.Ldexp(float64(v), -e) - mean
		squares += d * d / n
	}
	return math.Ldexp(mean, e), math.Ldexp(1/math.Sqrt(squares+math.Ldexp(eps, -2*e)), -e)
}

// moments returns the mean and the biased variance of x.
func moments[T op.Float](x []T) (mean, variance float64) {
	n := float64(len(x))
	mean = simd.SumWide(x) / n
	_, squares := simd.Moments(x, mean)
	return mean, squares / n
}

func bindNorm[T op.Float](k Norm, a *op.Args[T]) op.Run {
	gamma := a.In[2]
	return rows(a, len(a.Out), len(gamma), func(i, lo, hi int) {
		mean, r := a.WideIn[1][2*i], a.WideIn[1][2*i+1]
		y := a.Out[lo:hi]
		standardize(y, a.In[0][lo:hi], mean, r)
		simd.Mul(y, y, gamma)
		if !k.NoShift {
			simd.Add(y, y, a.In[3])
		}
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
		if far[T](r) {
			along := r * sumGX / d
			for j, g := range dx {
				dx[j] = T(r * (float64(g) - sumG/d - (float64(x[j])-mean)*r*along))
			}
			return
		}
		b, part := r*r*r*sumGX/d, T(mean)
		simd.CentreCombine(dx, T(r), dx, -T(b), x, part, T(b*(mean-float64(part))-r*sumG/d))
	})
}

// far reports whether powers of r may be out of the range of T.
func far[T op.Float](r float64) bool {
	if least := 1e-300; T(least) == 0 { // float32
		return r < 0x1p-40 || r > 0x1p40
	}
	return r < 0x1p-300 || r > 0x1p300
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
