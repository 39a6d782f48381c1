package crossentropy

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// grain is the elements of a chunk: exp takes some nanoseconds each.
const grain = 1 << 12

// rows returns the loop over rows of the last axis of the output.
func rows[T opkit.Float](a *opkit.Args[T], row func(i, lo, hi int)) opkit.Run {
	d := a.Shape[len(a.Shape)-1]
	loop := a.Pool.Loop(len(a.Out)/d, max(1, grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row(i, i*d, (i+1)*d)
		}
	})
	return func() error { loop.Do(); return nil }
}

func bindLogSoftmax[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return rows(a, func(_, lo, hi int) { logSoftmax(a.Out[lo:hi], a.In[0][lo:hi]) })
}

// logSoftmax stores that of the row x in y, which may be x.
func logSoftmax[T opkit.Float](y, x []T) {
	top, sum := float64(slices.Max(x)), 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - top)
	}
	log := math.Log(sum)
	for j, v := range x {
		y[j] = T(float64(v) - top - log)
	}
}

func bindLogSoftmaxGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return rows(a, func(_, lo, hi int) {
		dout, y, dx := a.In[0][lo:hi], a.In[1][lo:hi], a.Out[lo:hi]
		sum := 0.0
		for _, v := range dout {
			sum += float64(v)
		}
		for j, v := range dout {
			dx[j] = T(float64(v) - math.Exp(float64(y[j]))*sum)
		}
	})
}

// checkLabels reports the first label that is not an integer from 0 to k−1.
func checkLabels[T opkit.Float](labels []T, k int) error {
	for i, y := range labels {
		if j := int(y); T(j) != y || j < 0 || j >= k {
			return errors.Wrapf(opkit.ErrInput, "cross-entropy: the label of sample %d is %v, want an integer from 0 to %d", i, y, k-1)
		}
	}
	return nil
}

func bindMean[T opkit.Float](kn Mean, a *opkit.Args[T]) opkit.Run {
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
				for _, v := range row {
					sum -= s / float64(k) * float64(v)
				}
			}
		}
		a.Out[0] = T(sum / float64(n))
		return nil
	}
}

func bindMeanGrad[T opkit.Float](kn Mean, a *opkit.Args[T]) opkit.Run {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	logp, labels := a.In[0], a.In[1]
	return rows(a, func(i, lo, hi int) {
		c := float64(a.In[2][0]) / float64(n)
		out, hit := a.Out[lo:hi], int(labels[i])
		for j, v := range logp[lo:hi] {
			q := kn.Smoothing / float64(k)
			if j == hit {
				q += 1 - kn.Smoothing
			}
			out[j] = T(c * (math.Exp(float64(v)) - q))
		}
	})
}
