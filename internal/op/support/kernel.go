package support

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// rows returns how many samples of d elements a chunk has: some microseconds.
func rows(d int) int { return max(1, 1<<12/d) }

// rank returns the index of τ among d magnitudes in ascending order.
func rank(d int, q float64) int {
	i := int(math.RoundToEven(float64(d-1) * (100 - q) / 100))
	return max(0, min(i, d-1))
}

func bindPercentile[T op.Float](k Percentile, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	at := rank(d, k.Q)
	loop := a.Pool.Loop(n, rows(d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a.Out[i] = orderStatistic(a.Scratch[i*d:(i+1)*d], a.In[0][i*d:(i+1)*d], at)
		}
	})
	return loop.Run
}

// orderStatistic returns the magnitude of x at place k of the ascending order, NaN
// if x holds one. It overwrites buf, as long as x.
func orderStatistic[T op.Float](buf, x []T, k int) T {
	for j, v := range x {
		if v < 0 {
			v = -v
		}
		if v != v {
			return v
		}
		buf[j] = v
	}
	lo, hi := 0, len(buf)-1
	for lo < hi { // Hoare's find, around the middle of three
		pivot := middle(buf[lo], buf[lo+(hi-lo)/2], buf[hi])
		i, j := lo, hi
		for i <= j {
			for buf[i] < pivot {
				i++
			}
			for buf[j] > pivot {
				j--
			}
			if i <= j {
				buf[i], buf[j] = buf[j], buf[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return buf[k]
		}
	}
	return buf[k]
}

func middle[T op.Float](a, b, c T) T { return max(min(a, b), min(max(a, b), c)) }

func bindSelect[T op.Float](_ Select, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	theta := a.In[1]
	loop := a.Pool.Loop(n, rows(d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			selectRow(a.Out[i*d:(i+1)*d], a.In[0][i*d:(i+1)*d], theta, a.In[2][i])
		}
	})
	return loop.Run
}

// selectRow is SS of a sample.
func selectRow[T op.Float](out, u, theta []T, tau T) {
	t := theta[0]
	for j, v := range u {
		if len(theta) > 1 {
			t = theta[j]
		}
		out[j] = selected(v, t, tau)
	}
}

// selected is SS_{θ,τ}(v); 0 and NaN stay.
func selected[T op.Float](v, theta, tau T) T {
	m := v
	if v < 0 {
		m = -v
	}
	switch {
	case !(m > theta) || v == 0:
		return 0 * v
	case m > tau:
		return v
	case v > 0:
		return v - theta
	}
	return v + theta
}

func bindInputGrad[T op.Float](_ inputGrad, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	theta := a.In[2]
	loop := a.Pool.Loop(n, rows(d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			inputGradRow(a.Out[i*d:(i+1)*d], a.In[0][i*d:(i+1)*d], a.In[1][i*d:(i+1)*d], theta)
		}
	})
	return loop.Run
}

func inputGradRow[T op.Float](out, dout, u, theta []T) {
	t := theta[0]
	for j, v := range u {
		if len(theta) > 1 {
			t = theta[j]
		}
		g := dout[j]
		if !(v > t && v > 0 || v < -t && v < 0) {
			g = 0
		}
		out[j] = g
	}
}

func bindThetaGrad[T op.Float](_ thetaGrad, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	theta := a.In[2]
	l := len(theta)
	loop := a.Pool.Loop(n, rows(d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sums := a.Work[i*l : (i+1)*l]
			clear(sums)
			thetaGradRow(sums, a.In[0][i*d:(i+1)*d], a.In[1][i*d:(i+1)*d], theta, a.In[3][i])
		}
	})
	return func() error {
		loop.Do()
		for j := range l {
			sum := 0.0
			for i := range n {
				sum += a.Work[i*l+j]
			}
			a.Out[j] = T(sum)
		}
		return nil
	}
}

func thetaGradRow[T op.Float](sums []float64, dout, u, theta []T, tau T) {
	t, at := theta[0], 0
	for j, v := range u {
		if len(theta) > 1 {
			t, at = theta[j], j
		}
		switch {
		case v > 0 && v > t && !(v > tau):
			sums[at] -= float64(dout[j])
		case v < 0 && -v > t && !(-v > tau):
			sums[at] += float64(dout[j])
		}
	}
}

func bindTop[T op.Float](k Top, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	loop := a.Pool.Loop(n, rows(d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			top(a.Out[i*d:(i+1)*d], a.In[0][i*d:(i+1)*d], a.Scratch[i*d:(i+1)*d], k.S)
		}
	})
	return loop.Run
}

// top copies the s largest magnitudes of x to out, of equal ones the first, and
// zeros the rest.
func top[T op.Float](out, x, buf []T, s int) {
	if s >= len(x) {
		copy(out, x)
		return
	}
	least := orderStatistic(buf, x, len(x)-s) // the least of those kept
	equal := s                                // how many of that magnitude are kept
	for _, v := range x {
		if v > least || -v > least {
			equal--
		}
	}
	for j, v := range x {
		switch {
		case v > least || -v > least:
			out[j] = v
		case (v == least || -v == least) && equal > 0:
			out[j] = v
			equal--
		default:
			out[j] = 0 * v
		}
	}
}

func bindKept[T op.Float](_ kept, a *op.Args[T]) op.Run {
	loop := a.Pool.Loop(len(a.Out), 1<<14, func(lo, hi int) {
		simd.WhereNonzero(a.Out[lo:hi], a.In[1][lo:hi], a.In[0][lo:hi])
	})
	return loop.Run
}
