package crossentropy

import (
	"math"
	"slices"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: exp takes some nanoseconds each.
const grain = 1 << 12

// rows returns the loop over rows of the last axis of the output.
func rows[T op.Float](a *op.Args[T], row func(i, lo, hi int)) op.Run {
	d := a.Shape[len(a.Shape)-1]
	loop := a.Pool.Loop(len(a.Out)/d, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row(i, i*d, (i+1)*d)
		}
	})
	return loop.Run
}

func bindLogSoftmax[T op.Float](_ LogSoftmax, a *op.Args[T]) op.Run {
	return rows(a, func(_, lo, hi int) { logSoftmax(a.Out[lo:hi], a.In[0][lo:hi]) })
}

// logSoftmax stores that of the row x in y, which may not be x. The largest logit
// and the logarithm are taken off one after the other: their sum, rounded, would
// cost the digits of small differences of large logits.
func logSoftmax[T op.Float](y, x []T) {
	top := slices.Max(x)
	simd.ExpShift(y, x, top)
	log := math.Log(simd.SumWide(y))
	simd.Affine(y, 1, x, -top)
	simd.Affine(y, 1, y, -T(log))
}

func bindLogSoftmaxGrad[T op.Float](_ logSoftmaxGrad, a *op.Args[T]) op.Run {
	return rows(a, func(_, lo, hi int) {
		dout, y, dx := a.In[0][lo:hi], a.In[1][lo:hi], a.Out[lo:hi]
		simd.Exp(dx, y)
		simd.Combine(dx, -T(simd.SumWide(dout)), dx, 1, dout, 0)
	})
}

// checkLabels reports the first label that is not an integer from 0 to k−1.
func checkLabels[T op.Float](labels []T, k int) error {
	for i, y := range labels {
		if j := int(y); T(j) != y || j < 0 || j >= k {
			return op.Errorf("cross-entropy: the label of sample %d is %v, want an integer from 0 to %d", i, y, k-1)
		}
	}
	return nil
}

func bindMean[T op.Float](kn Mean, a *op.Args[T]) op.Run {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	logp, labels, s := a.In[1], a.In[2], kn.Smoothing
	return func() error {
		if err := checkLabels(labels, k); err != nil {
			return err
		}
		sum := 0.0
		for i, y := range labels {
			row := logp[i*k : (i+1)*k]
			sum -= (1 - s) * float64(row[int(y)])
			if s > 0 {
				sum -= s / float64(k) * simd.SumWide(row)
			}
		}
		a.Out[0] = T(sum / float64(n))
		return nil
	}
}

func bindMeanGrad[T op.Float](kn meanGrad, a *op.Args[T]) op.Run {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	logp, labels := a.In[0], a.In[1]
	return rows(a, func(i, lo, hi int) {
		c := float64(a.In[2][0]) / float64(n)
		out, hit, s := a.Out[lo:hi], int(labels[i]), kn.Of.Smoothing
		right := float64(logp[lo+hit])
		simd.Exp(out, logp[lo:hi])
		simd.Affine(out, T(c), out, -T(c*s/float64(k)))
		out[hit] = T(c * (math.Expm1(right) + s - s/float64(k))) // small where the network is sure
	})
}
