package reduce

import (
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// count returns how many elements of x a sum has.
func (k Sum) count(x []int) int {
	n := 1
	for _, d := range x {
		n *= d
	}
	switch k.Over {
	case Rows:
		return x[0]
	case Cols:
		return x[1]
	}
	return n
}

// scale returns c: 1, or 1/N for a mean of N.
func (k Sum) scale(x []int) float64 {
	if k.Mean {
		return 1 / float64(k.count(x))
	}
	return 1
}

func bindSum[T op.Float](k Sum, a *op.Args[T]) op.Run {
	c := k.scale(a.Shapes[0])
	switch k.Over {
	case Rows:
		return bindRows(k, c, a)
	case Cols:
		return bindCols(k, c, a)
	}
	x, sums := a.In[0], a.Work
	chunks := a.Loop(len(x), op.Grain, func(lo, hi int) { sums[lo/op.Grain] = total(k.Squares, x[lo:hi]) })
	return func() error {
		if err := chunks(); err != nil {
			return err
		}
		sum := 0.0
		for i := range (len(x) + op.Grain - 1) / op.Grain {
			sum += sums[i]
		}
		a.Out[0] = T(c * sum)
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

func bindRows[T op.Float](k Sum, c float64, a *op.Args[T]) op.Run {
	d, x, sums := a.Shapes[0][1], a.In[0], a.Work
	return func() error {
		clear(sums)
		for lo := 0; lo < len(x); lo += d {
			if row := x[lo : lo+d]; k.Squares {
				simd.MulAddWide(sums[:d], row, row)
			} else {
				simd.AddWide(sums[:d], row)
			}
		}
		for j, v := range sums {
			a.Out[j] = T(c * v)
		}
		return nil
	}
}

func bindCols[T op.Float](k Sum, c float64, a *op.Args[T]) op.Run {
	d := a.Shapes[0][1]
	return a.Rows(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a.Out[i] = T(c * total(k.Squares, a.In[0][i*d:(i+1)*d]))
		}
	})
}

func bindSpread[T op.Float](grad spread, a *op.Args[T]) op.Run {
	k := grad.Of
	x, out, dout := a.In[0], a.Out, a.In[1]
	c := T(k.scale(a.Shapes[0]))
	if k.Squares {
		c *= 2
	}
	d := 1
	if len(a.Shapes[0]) > 0 {
		d = a.Shapes[0][len(a.Shapes[0])-1]
	}
	return a.Rows(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := out[i*d : (i+1)*d]
			if k.Over == Rows {
				simd.Affine(row, c, dout, 0)
			} else {
				g := c * dout[0]
				if k.Over == Cols {
					g = c * dout[i]
				}
				for j := range row {
					row[j] = g
				}
			}
			if k.Squares {
				simd.Mul(row, row, x[i*d:(i+1)*d])
			}
		}
	})
}
