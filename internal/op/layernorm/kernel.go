package layernorm

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

// rows returns the loop over rows of x, of length d.
func rows[T opkit.Float](a *opkit.Args[T], size, d int, row func(i, lo, hi int)) opkit.Run {
	loop := a.Pool.Loop(size/d, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row(i, i*d, (i+1)*d)
		}
	})
	return func() error { loop.Do(); return nil }
}

func bindStats[T opkit.Float](k Stats, a *opkit.Args[T]) opkit.Run {
	d := last(a.Shapes[0])
	return rows(a, len(a.In[0]), d, func(i, lo, hi int) {
		mean, variance := moments(a.In[0][lo:hi])
		a.WideOut[2*i], a.WideOut[2*i+1] = mean, 1/math.Sqrt(variance+k.Eps)
	})
}

// moments returns the mean and the biased variance of x.
func moments[T opkit.Float](x []T) (mean, variance float64) {
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, variance / float64(len(x))
}

func bindNorm[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	gamma, beta := a.In[2], a.In[3]
	return rows(a, len(a.Out), len(gamma), func(i, lo, hi int) {
		mean, r := a.WideIn[1][2*i], a.WideIn[1][2*i+1]
		x, y := a.In[0][lo:hi], a.Out[lo:hi]
		for j, v := range x {
			y[j] = T((float64(v)-mean)*r)*gamma[j] + beta[j]
		}
	})
}

func bindInputGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	gamma := a.In[3]
	d := float64(len(gamma))
	return rows(a, len(a.Out), len(gamma), func(i, lo, hi int) {
		mean, r := a.WideIn[2][2*i], a.WideIn[2][2*i+1]
		dout, x, dx := a.In[0][lo:hi], a.In[1][lo:hi], a.Out[lo:hi]
		var meanG, meanGX float64
		for j, v := range dout {
			g := float64(v) * float64(gamma[j])
			meanG += g / d
			meanGX += g * (float64(x[j]) - mean) * r / d
		}
		for j, v := range dout {
			xhat := (float64(x[j]) - mean) * r
			dx[j] = T(r * (float64(v)*float64(gamma[j]) - meanG - xhat*meanGX))
		}
	})
}

func bindGainGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	d, sums := len(a.Out), a.Work
	return func() error {
		clear(sums)
		for lo := 0; lo < len(a.In[0]); lo += d {
			mean, r := a.WideIn[2][2*(lo/d)], a.WideIn[2][2*(lo/d)+1]
			x := a.In[1][lo : lo+d]
			for j, v := range a.In[0][lo : lo+d] {
				sums[j] += float64(v) * (float64(x[j]) - mean) * r
			}
		}
		for j, v := range sums {
			a.Out[j] = T(v)
		}
		return nil
	}
}

func bindShiftGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	d, sums := len(a.Out), a.Work
	return func() error {
		clear(sums)
		for lo := 0; lo < len(a.In[0]); lo += d {
			for j, v := range a.In[0][lo : lo+d] {
				sums[j] += float64(v)
			}
		}
		for j, v := range sums {
			a.Out[j] = T(v)
		}
		return nil
	}
}
