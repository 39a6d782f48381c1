package batchnorm

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
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

// planes returns the loop over planes, image after image in each chunk of channels, whose
// planes lie side by side: what is small is read as it lies. A chunk is some thousand
// numbers at least. done, unless nil, is called for each channel at the end.
func planes[T op.Float](a *op.Args[T], l layout, f func(i, c, lo, hi int), done func(c int)) op.Run {
	loop := a.Pool.Loop(l.channels, max(1, 1<<13/l.count()), func(first, end int) {
		for i := range l.n {
			for c := first; c < end; c++ {
				lo, hi := l.at(i, c)
				f(i, c, lo, hi)
			}
		}
		for c := first; c < end && done != nil; c++ {
			done(c)
		}
	})
	return loop.Run
}

func bindStats[T op.Float](k Stats, a *op.Args[T]) op.Run {
	x, l := a.In[0], layoutOf(a.Shapes[0])
	sums, squares := a.WideOut[:l.channels], a.WideOut[l.channels:]
	about := func(c int) float64 { return float64(x[c*l.plane]) }
	return planes(a, l, func(i, c, lo, hi int) {
		if i == 0 {
			sums[c], squares[c] = 0, 0
		}
		s, q := simd.Moments(x[lo:hi], about(c))
		sums[c], squares[c] = sums[c]+s, squares[c]+q
	}, func(c int) {
		mean, variance := moments(l, x, c, about(c), sums[c], squares[c])
		r := 1 / math.Sqrt(variance+k.Eps)
		if v := variance + k.Eps; !(v >= 0x1p-900 && v <= 0x1p1000) {
			mean, r = scaledMoments(l, x, c, k.Eps)
		}
		a.WideOut[c], a.WideOut[l.channels+c] = mean, r
	})
}

// moments returns the mean and the biased variance of channel c, from sums about a
// number of it; and, where that is so far from the mean that the variance would lose
// digits, from sums about the mean.
func moments[T op.Float](l layout, x []T, c int, about, sum, squares float64) (mean, variance float64) {
	m := float64(l.count())
	off := sum / m
	mean, variance = about+off, squares/m-off*off
	if !(variance >= squares/m/64) {
		about, sum, squares = mean, 0, 0
		for i := range l.n {
			lo, hi := l.at(i, c)
			s, q := simd.Moments(x[lo:hi], about)
			sum, squares = sum+s, squares+q
		}
		off = sum / m
		mean, variance = about+off, squares/m-off*off
	}
	return mean, max(variance, 0)
}

// scaledMoments returns the mean of channel c and 1/√(σ² + ε) where squares are out of
// range: from numbers scaled by a power of 2.
func scaledMoments[T op.Float](l layout, x []T, c int, eps float64) (mean, r float64) {
	most := 0.0
	each := func(f func(v float64)) {
		for i := range l.n {
			lo, hi := l.at(i, c)
			for _, v := range x[lo:hi] {
				f(float64(v))
			}
		}
	}
	each(func(v float64) {
		if v = math.Abs(v); v > most || v != v {
			most = v
		}
	})
	_, e := math.Frexp(most)
	m, sum, squares := float64(l.count()), 0.0, 0.0
	each(func(v float64) { sum += math.Ldexp(v, -e) / m })
	each(func(v float64) { v = math.Ldexp(v, -e) - sum; squares += v * v / m })
	return math.Ldexp(sum, e), math.Ldexp(1/math.Sqrt(squares+math.Ldexp(eps, -2*e)), -e)
}

func bindFixed[T op.Float](k Fixed, a *op.Args[T]) op.Run {
	c := len(a.In[0])
	return func() error {
		for j := range c {
			a.WideOut[j] = float64(a.In[0][j])
			a.WideOut[c+j] = 1 / math.Sqrt(float64(a.In[1][j])+k.Eps)
		}
		return nil
	}
}

// line is the map of a channel, y = scale·(x − mean) + shift. The mean is taken off in
// two parts, of which the first is of T and the difference to it mostly exact; the rest
// is in shift. One rounding of −scale·μ would be an error of all of a channel whose mean
// is large.
type line[T op.Float] struct{ scale, mean, shift T }

func lineOf[T op.Float](l layout, stats []float64, gamma, beta []T, c int) line[T] {
	scale, part := float64(gamma[c])*stats[l.channels+c], T(stats[c])
	return line[T]{T(scale), part, T(float64(beta[c]) - (stats[c]-float64(part))*scale)}
}

func bindNorm[T op.Float](k Norm, a *op.Args[T]) op.Run {
	l, stats := layoutOf(a.Shape), a.WideIn[1]
	return planes(a, l, func(_, c, lo, hi int) {
		y := lineOf(l, stats, a.In[2], a.In[3], c)
		out, x := a.Out[lo:hi], a.In[0][lo:hi]
		switch {
		case k.Add && k.ReLU:
			simd.CentreAddReLU(out, y.scale, x, a.In[4][lo:hi], y.mean, y.shift)
		case k.Add:
			simd.CentreCombine(out, 1, a.In[4][lo:hi], y.scale, x, y.mean, y.shift)
		case k.ReLU:
			simd.CentreReLU(out, y.scale, x, y.mean, y.shift)
		default:
			simd.Centre(out, y.scale, x, y.mean, y.shift)
		}
	}, nil)
}

// bindCut keeps D where the output is above 0.
func bindCut[T op.Float](_ cut, a *op.Args[T]) op.Run {
	loop := a.Pool.Loop(len(a.Out), 1<<14, func(lo, hi int) {
		simd.ReLUGrad(a.Out[lo:hi], a.In[1][lo:hi], a.In[0][lo:hi])
	})
	return loop.Run
}

func bindRunning[T op.Float](k Running, a *op.Args[T]) op.Run {
	c := len(a.Out)
	return func() error {
		for j := range c {
			now := a.WideIn[1][j]
			if k.Variance {
				r := a.WideIn[1][c+j]
				now = max(1/(r*r)-k.Of.Eps, 0) * float64(k.Count) / float64(k.Count-1)
			}
			a.Out[j] = T((1-k.Momentum)*float64(a.In[0][j]) + k.Momentum*now)
			if math.IsInf(float64(a.Out[j]), 0) {
				return k.tooLarge(j)
			}
		}
		return nil
	}
}

// tooLarge is the error of a channel whose running statistic the dtype cannot hold.
func (k Running) tooLarge(channel int) error {
	what := "mean"
	if k.Variance {
		what = "variance"
	}
	return errors.Wrapf(op.ErrNotFinite,
		"batch norm: the running %s of channel %d is beyond the range of its dtype: scale the inputs", what, channel)
}

func bindSums[T op.Float](k sums, a *op.Args[T]) op.Run {
	l, stats := layoutOf(a.Shapes[0]), a.WideIn[2]
	all, products := a.WideOut[:l.channels], a.WideOut[l.channels:]
	return planes(a, l, func(i, c, lo, hi int) {
		if i == 0 {
			all[c], products[c] = 0, 0
		}
		d, x := a.In[0][lo:hi], a.In[1][lo:hi]
		var s, q float64
		if k.Of.ReLU {
			y := lineOf(l, stats, a.In[3], a.In[4], c)
			s, q = simd.CutMoments(d, x, y.scale, y.mean, y.shift, stats[c])
		} else {
			s, q = simd.CoMoments(d, x, stats[c])
		}
		all[c], products[c] = all[c]+s, products[c]+q
	}, func(c int) { products[c] *= stats[l.channels+c] })
}

func bindRow[T op.Float](k row, a *op.Args[T]) op.Run {
	c := len(a.Out)
	return func() error {
		for j, v := range a.WideIn[0][k.Which*c : (k.Which+1)*c] {
			a.Out[j] = T(v)
		}
		return nil
	}
}

func bindInputGrad[T op.Float](k inputGrad, a *op.Args[T]) op.Run {
	l, stats, gamma, sums := layoutOf(a.Shape), a.WideIn[2], a.In[3], a.WideIn[5]
	m := float64(l.count())
	return planes(a, l, func(_, c, lo, hi int) {
		mean, r := stats[c], stats[l.channels+c]
		y := lineOf(l, stats, gamma, a.In[4], c)
		scale := float64(gamma[c]) * r
		var slope, shift float64 // of x
		if k.Of.Train {
			slope = -scale * r * sums[l.channels+c] / m
			shift = -scale*sums[c]/m - slope*(mean-float64(y.mean))
		}
		out, d, x := a.Out[lo:hi], a.In[0][lo:hi], a.In[1][lo:hi]
		switch {
		case k.Of.Train && far[T](r):
			if k.Of.ReLU {
				simd.CutCombine(out, 1, d, 0, x, y.mean, 0, y.scale, y.shift)
			} else {
				copy(out, d)
			}
			s, q := sums[c]/m, sums[l.channels+c]/m
			for j, d := range out {
				out[j] = T(scale * (float64(d) - s - (float64(x[j])-mean)*r*q))
			}
		case k.Of.ReLU:
			simd.CutCombine(out, T(scale), d, T(slope), x, y.mean, T(shift), y.scale, y.shift)
		default:
			simd.CentreCombine(out, T(scale), d, T(slope), x, y.mean, T(shift))
		}
	}, nil)
}

// far reports whether powers of r may be out of the range of T.
func far[T op.Float](r float64) bool {
	if least := 1e-300; T(least) == 0 { // float32
		return r < 0x1p-40 || r > 0x1p40
	}
	return r < 0x1p-300 || r > 0x1p300
}
