package reduce

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// scale returns c: 1, or 1/N for a mean of N.
func (k Sum) scale(x []int) float64 {
	if _, b, _ := k.parts(x); k.Mean {
		return 1 / float64(b)
	}
	return 1
}

func bindSum[T op.Float](k Sum, g *op.Args[T]) op.Run {
	scale := k.scale(g.Shapes[0])
	a, b, c := k.parts(g.Shapes[0])
	switch {
	case k.To == 0:
		return bindAll(k, scale, g)
	case c == 1:
		return g.Loop(a, max(1, op.Grain/b), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				g.Out[i] = T(scale * total(k.Squares, g.In[0][i*b:(i+1)*b]))
			}
		})
	}
	x, sums := g.In[0], g.Work
	return g.Loop(a, max(1, op.Grain/(b*c)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			part := sums[i*c : (i+1)*c]
			columns(k.Squares, part, x[i*b*c:(i+1)*b*c])
			for j, v := range part {
				g.Out[i*c+j] = T(scale * v)
			}
		}
	})
}

// columns stores the sum of each column of x, whose rows have the length of sums.
func columns[T op.Float](squares bool, sums []float64, x []T) {
	clear(sums)
	d := len(sums)
	for lo := 0; lo < len(x); lo += d {
		if row := x[lo : lo+d]; squares {
			simd.MulAddWide(sums, row, row)
		} else {
			simd.AddWide(sums, row)
		}
	}
}

func bindAll[T op.Float](k Sum, scale float64, g *op.Args[T]) op.Run {
	x, sums := g.In[0], g.Work
	chunks := g.Loop(len(x), op.Grain, func(lo, hi int) { sums[lo/op.Grain] = total(k.Squares, x[lo:hi]) })
	return func() error {
		if err := chunks(); err != nil {
			return err
		}
		sum := 0.0
		for i := range (len(x) + op.Grain - 1) / op.Grain {
			sum += sums[i]
		}
		g.Out[0] = T(scale * sum)
		return nil
	}
}

// total returns Σ x or Σ x².
func total[T op.Float](squares bool, x []T) (sum float64) {
	if squares {
		return simd.DotWide(x, x)
	}
	return simd.SumWide(x)
}

func bindSpread[T op.Float](k spread, g *op.Args[T]) op.Run {
	x, out, dout := g.In[0], g.Out, g.In[1]
	scale := T(k.Of.scale(g.Shapes[0]))
	if k.Of.Squares {
		scale *= 2
	}
	_, b, c := k.Of.parts(g.Shapes[0])
	if c == 1 {
		return g.Loop(len(out), op.Grain, func(lo, hi int) {
			for lo < hi { // the part of a sum
				i := lo / b
				end := min(hi, (i+1)*b)
				v := scale * dout[i]
				for j := lo; j < end; j++ {
					out[j] = v
				}
				if k.Of.Squares {
					simd.Mul(out[lo:end], out[lo:end], x[lo:end])
				}
				lo = end
			}
		})
	}
	return g.Loop(len(out)/c, max(1, op.Grain/c), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := out[i*c : (i+1)*c]
			simd.Affine(row, scale, dout[i/b*c:(i/b+1)*c], 0)
			if k.Of.Squares {
				simd.Mul(row, row, x[i*c:(i+1)*c])
			}
		}
	})
}

func bindExtreme[T op.Float](k Extreme, g *op.Args[T]) op.Run {
	a, b, c := k.parts(g.Shapes[0])
	x := g.In[0]
	return g.Loop(a, max(1, op.Grain/(b*c)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out := g.Out[i*c : (i+1)*c]
			copy(out, x[i*b*c:])
			for j := 1; j < b; j++ {
				for m, v := range x[(i*b+j)*c : (i*b+j+1)*c] {
					if beats(v, out[m], k.Least) {
						out[m] = v
					}
				}
			}
		}
	})
}

// beats reports whether v is beyond w, which a NaN is, and nothing is beyond a NaN.
func beats[T op.Float](v, w T, least bool) bool {
	if w != w {
		return false
	}
	if least {
		return v < w || v != v
	}
	return v > w || v != v
}

func bindFirst[T op.Float](k first, g *op.Args[T]) op.Run {
	a, b, c := k.Of.parts(g.Shapes[0])
	x, best, dout, out := g.In[0], g.In[1], g.In[2], g.Out
	return g.Loop(a, max(1, op.Grain/(b*c)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			clear(out[i*b*c : (i+1)*b*c])
			for m := i * c; m < (i+1)*c; m++ {
				for j := range b {
					at := (i*b+j)*c + m - i*c
					if x[at] == best[m] || x[at] != x[at] {
						out[at] = dout[m]
						break
					}
				}
			}
		}
	})
}
