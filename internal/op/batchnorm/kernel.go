package batchnorm

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// A layout says where the numbers of a channel lie: n planes of that size.
type layout struct{ n, channels, plane int }

func layoutOf(x []int) layout {
	plane := 1
	for _, size := range x[2:] {
		plane *= size
	}
	return layout{x[0], x[1], plane}
}

func (l layout) count() int { return l.n * l.plane }

// at returns where plane i of channel c begins and ends.
func (l layout) at(i, c int) (lo, hi int) {
	lo = (i*l.channels + c) * l.plane
	return lo, lo + l.plane
}

// channels returns the loop over channels: some thousand numbers at least a chunk.
func channels[T opkit.Float](a *opkit.Args[T], l layout, f func(c int)) opkit.Run {
	loop := a.Pool.Loop(l.channels, max(1, 1<<13/l.count()), func(lo, hi int) {
		for c := lo; c < hi; c++ {
			f(c)
		}
	})
	return func() error { loop.Do(); return nil }
}

func bindStats[T opkit.Float](k Stats, a *opkit.Args[T]) opkit.Run {
	x, l := a.In[0], layoutOf(a.Shapes[0])
	m := float64(l.count())
	return channels(a, l, func(c int) {
		about := float64(x[c*l.plane])
		var sum, squares float64
		for i := range l.n {
			lo, hi := l.at(i, c)
			s, q := moments(x[lo:hi], about)
			sum, squares = sum+s, squares+q
		}
		mean := sum / m
		a.WideOut[c] = about + mean
		a.WideOut[l.channels+c] = 1 / math.Sqrt(math.Max(squares/m-mean*mean, 0)+k.Eps)
	})
}

// moments returns Σ(x − about) and Σ(x − about)². Four sums run side by side, so
// that none waits for the last addition.
func moments[T opkit.Float](x []T, about float64) (sum, squares float64) {
	var s, q [4]float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		for j, v := range (*[4]T)(x[i:]) {
			d := float64(v) - about
			s[j] += d
			q[j] += d * d
		}
	}
	for _, v := range x[i:] {
		d := float64(v) - about
		s[0] += d
		q[0] += d * d
	}
	return s[0] + s[1] + (s[2] + s[3]), q[0] + q[1] + (q[2] + q[3])
}

func bindFixed[T opkit.Float](k Fixed, a *opkit.Args[T]) opkit.Run {
	c := len(a.In[0])
	return func() error {
		for j := range c {
			a.WideOut[j] = float64(a.In[0][j])
			a.WideOut[c+j] = 1 / math.Sqrt(float64(a.In[1][j])+k.Eps)
		}
		return nil
	}
}

func bindNorm[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	l, stats, gamma, beta := layoutOf(a.Shape), a.WideIn[1], a.In[2], a.In[3]
	return channels(a, l, func(c int) {
		scale := float64(gamma[c]) * stats[l.channels+c]
		shift := float64(beta[c]) - stats[c]*scale
		for i := range l.n {
			lo, hi := l.at(i, c)
			simd.Affine(a.Out[lo:hi], T(scale), a.In[0][lo:hi], T(shift))
		}
	})
}

func bindRunning[T opkit.Float](k Running, a *opkit.Args[T]) opkit.Run {
	c := len(a.Out)
	return func() error {
		for j := range c {
			now := a.WideIn[1][j]
			if k.Variance {
				r := a.WideIn[1][c+j]
				now = (1/(r*r) - k.Of.Eps) * float64(k.Count) / float64(k.Count-1)
			}
			a.Out[j] = T((1-k.Momentum)*float64(a.In[0][j]) + k.Momentum*now)
		}
		return nil
	}
}

func bindSums[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	l, stats := layoutOf(a.Shapes[0]), a.WideIn[2]
	return channels(a, l, func(c int) {
		mean, r := stats[c], stats[l.channels+c]
		var s, q float64
		for i := range l.n {
			lo, hi := l.at(i, c)
			ds, dq := products(a.In[0][lo:hi], a.In[1][lo:hi], mean)
			s, q = s+ds, q+dq
		}
		a.WideOut[c], a.WideOut[l.channels+c] = s, q*r
	})
}

// products returns Σ d and Σ d·(x − mean).
func products[T opkit.Float](d, x []T, mean float64) (sum, product float64) {
	x = x[:len(d)]
	var s, q [4]float64
	i := 0
	for ; i+4 <= len(d); i += 4 {
		other := (*[4]T)(x[i:])
		for j, v := range (*[4]T)(d[i:]) {
			s[j] += float64(v)
			q[j] += float64(v) * (float64(other[j]) - mean)
		}
	}
	for ; i < len(d); i++ {
		s[0] += float64(d[i])
		q[0] += float64(d[i]) * (float64(x[i]) - mean)
	}
	return s[0] + s[1] + (s[2] + s[3]), q[0] + q[1] + (q[2] + q[3])
}

func bindRow[T opkit.Float](k row, a *opkit.Args[T]) opkit.Run {
	c := len(a.Out)
	return func() error {
		for j, v := range a.WideIn[0][k.Which*c : (k.Which+1)*c] {
			a.Out[j] = T(v)
		}
		return nil
	}
}

func bindInputGrad[T opkit.Float](k inputGrad, a *opkit.Args[T]) opkit.Run {
	l, stats, gamma, sums := layoutOf(a.Shape), a.WideIn[2], a.In[3], a.WideIn[4]
	m := float64(l.count())
	return channels(a, l, func(c int) {
		mean, r := stats[c], stats[l.channels+c]
		scale := float64(gamma[c]) * r
		slope := -scale * r * sums[l.channels+c] / m // of x
		shift := -scale*sums[c]/m - slope*mean
		for i := range l.n {
			lo, hi := l.at(i, c)
			if k.Of.Train {
				simd.Combine(a.Out[lo:hi], T(scale), a.In[0][lo:hi], T(slope), a.In[1][lo:hi], T(shift))
			} else {
				simd.Affine(a.Out[lo:hi], T(scale), a.In[0][lo:hi], 0)
			}
		}
	})
}
