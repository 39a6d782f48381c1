package shrink

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

func bindSoft[T op.Float](_ Soft, a *op.Args[T]) op.Run {
	x, theta, d := a.In[0], a.In[1], last(a.Shape)
	same := make([]T, min(d, 256)) // one threshold for all, as a vector
	rows := a.Rows(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			soft(a.Out[i*d:(i+1)*d], x[i*d:(i+1)*d], theta, same)
		}
	})
	return func() error {
		for i := range same {
			same[i] = theta[0]
		}
		return rows()
	}
}

// soft moves every x[j] towards zero by theta[j], or by theta[0], which fills same,
// if that is all, stops at zero, and stores it in out; out may be x. NaN stays NaN,
// so that a diverged layer shows.
func soft[T op.Float](out, x, theta, same []T) {
	for _, t := range theta {
		if t < 0 {
			softSigned(out, x, theta)
			return
		}
	}
	if len(theta) > 1 {
		simd.SoftThreshold(out, x, theta)
		return
	}
	for lo := 0; lo < len(out); lo += len(same) {
		hi := min(lo+len(same), len(out))
		simd.SoftThreshold(out[lo:hi], x[lo:hi], same[:hi-lo])
	}
}

// softSigned is soft for thresholds of either sign: below 0 they move elements away
// from 0, where 0 itself stays.
func softSigned[T op.Float](out, x, theta []T) {
	for j, v := range x {
		switch t := theta[j%len(theta)]; {
		case v > 0 && v > t:
			out[j] = v - t
		case v < 0 && -v > t:
			out[j] = v + t
		default:
			out[j] = 0 * v
		}
	}
}

func bindInputGrad[T op.Float](_ inputGrad, a *op.Args[T]) op.Run {
	return a.Each(func(lo, hi int) { simd.WhereNonzero(a.Out[lo:hi], a.In[1][lo:hi], a.In[0][lo:hi]) })
}

// bindThetaGrad sums −D·s by columns, or over all if there is one threshold, in
// float64: bound by memory.
func bindThetaGrad[T op.Float](_ thetaGrad, a *op.Args[T]) op.Run {
	dout, y, sums := a.In[0], a.In[1], a.Work[:len(a.Out)]
	d := last(a.Shapes[0])
	part := make([]T, min(d, 256))
	return func() error {
		clear(sums)
		for row := 0; row < len(dout); row += d {
			for j := 0; j < d; j += len(part) {
				n := min(len(part), d-j)
				lo := row + j
				simd.SignTimes(part[:n], y[lo:lo+n], dout[lo:lo+n])
				if len(sums) == 1 {
					sums[0] -= simd.SumWide(part[:n])
				} else {
					simd.AddWide(sums[j:j+n], part[:n])
				}
			}
		}
		for j, v := range sums {
			if len(sums) > 1 {
				v = -v
			}
			a.Out[j] = T(v)
		}
		return nil
	}
}
