package amp

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// byRow returns the run of f on every row of the first input.
func byRow[T op.Float](a *op.Args[T], f func(i int, x []T)) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	loop := a.Pool.Loop(n, max(1, 1<<13/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i, a.In[0][i*d:(i+1)*d])
		}
	})
	return loop.Run
}

// row returns row i of x, of n rows.
func row[T op.Float](x []T, i, n int) []T {
	d := len(x) / n
	return x[i*d : (i+1)*d]
}

func bindRMS[T op.Float](_ RootMeanSquare, a *op.Args[T]) op.Run {
	return byRow(a, func(i int, v []T) {
		sum := 0.0
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
		if sum >= 0x1p-900 && sum <= 0x1p1000 {
			a.Out[i] = T(math.Sqrt(sum / float64(len(v))))
			return
		}
		r, e := simd.ScaledNorm(v)
		a.Out[i] = T(math.Ldexp(r/math.Sqrt(float64(len(v))), e))
	})
}

func bindRMSGrad[T op.Float](_ rmsGrad, a *op.Args[T]) op.Run {
	n := a.Shapes[0][0]
	return byRow(a, func(i int, v []T) {
		c, rms := T(0), float64(a.In[1][i])
		if rms > 0 && (rms < 0x1p-100 || rms > 0x1p100) { // 1/rms may be beyond T: v/rms is not
			for j, x := range v {
				row(a.Out, i, n)[j] = T(float64(a.In[2][i]) / float64(len(v)) * (float64(x) / rms))
			}
			return
		}
		if rms > 0 {
			c = a.In[2][i] / (T(len(v)) * a.In[1][i])
		}
		simd.Affine(row(a.Out, i, n), c, v, 0)
	})
}

func bindSoftRows[T op.Float](_ SoftRows, a *op.Args[T]) op.Run {
	n := a.Shapes[0][0]
	return byRow(a, func(i int, u []T) {
		out, t := row(a.Out, i, n), a.In[1][i]
		for j, v := range u {
			switch {
			case v > t:
				out[j] = v - t
			case v < -t:
				out[j] = v + t
			default:
				out[j] = 0 * v
			}
		}
	})
}

func bindInputGrad[T op.Float](_ inputGrad, a *op.Args[T]) op.Run {
	n := a.Shapes[0][0]
	return byRow(a, func(i int, d []T) { simd.WhereNonzero(row(a.Out, i, n), row(a.In[1], i, n), d) })
}

func bindThetaGrad[T op.Float](_ thetaGrad, a *op.Args[T]) op.Run {
	n := a.Shapes[0][0]
	return byRow(a, func(i int, d []T) {
		sum := 0.0
		for j, z := range row(a.In[1], i, n) {
			switch {
			case z > 0:
				sum -= float64(d[j])
			case z < 0:
				sum += float64(d[j])
			}
		}
		a.Out[i] = T(sum)
	})
}

func bindDensity[T op.Float](k Density, a *op.Args[T]) op.Run {
	return byRow(a, func(i int, z []T) {
		count := 0
		for _, v := range z {
			if v != 0 {
				count++
			}
		}
		a.Out[i] = T(float64(count) / float64(k.M))
	})
}
