package shrink

import (
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindSoft[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	x, theta, d := a.In[0], a.In[1], a.Shape[len(a.Shape)-1]
	rows := a.Pool.Loop(len(x)/d, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			soft(a.Out[i*d:(i+1)*d], x[i*d:(i+1)*d], theta)
		}
	})
	return func() error { rows.Do(); return nil }
}

// soft moves every x[j] towards zero by theta[j], or by theta[0] if that is all,
// stops at zero, and stores it in out; out may be x. NaN stays NaN, so that a
// diverged layer shows.
func soft[T opkit.Float](out, x, theta []T) {
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
	var same [256]T
	for i := range same {
		same[i] = theta[0]
	}
	for lo := 0; lo < len(out); lo += len(same) {
		hi := min(lo+len(same), len(out))
		simd.SoftThreshold(out[lo:hi], x[lo:hi], same[:hi-lo])
	}
}

// softSigned is soft for thresholds of either sign: below 0 they move elements away
// from 0, where 0 itself stays.
func softSigned[T opkit.Float](out, x, theta []T) {
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

func bindInputGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) {
		out, d, y := a.Out[lo:hi], a.In[0][lo:hi], a.In[1][lo:hi]
		for i, v := range d {
			if y[i] == 0 {
				v = 0
			}
			out[i] = v
		}
	})
	return func() error { loop.Do(); return nil }
}

func bindThetaGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	dout, y, sums := a.In[0], a.In[1], a.Work
	d := a.Shapes[0][len(a.Shapes[0])-1]
	return func() error {
		clear(sums)
		for i, v := range dout {
			j := 0
			if len(sums) > 1 {
				j = i % d
			}
			switch {
			case y[i] > 0:
				sums[j] -= float64(v)
			case y[i] < 0:
				sums[j] += float64(v)
			}
		}
		for j, v := range sums {
			a.Out[j] = T(v)
		}
		return nil
	}
}
