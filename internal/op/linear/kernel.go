package linear

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

func bindAffine[T op.Float](_ Affine, a *op.Args[T]) op.Run {
	n, m, d := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][0]
	return func() error {
		lin.GemmBias(a.Pool, false, true, n, d, m, a.In[0], m, a.In[1], m, a.In[2], false, a.Out, d)
		return nil
	}
}

func bindMap[T op.Float](_ Map, a *op.Args[T]) op.Run {
	n, m, d := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][0]
	return func() error {
		lin.Gemm(a.Pool, false, true, n, d, m, 1, a.In[0], m, a.In[1], m, 0, a.Out, d)
		return nil
	}
}

func bindInputGrad[T op.Float](_ inputGrad, a *op.Args[T]) op.Run {
	n, d, m := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	return func() error {
		lin.Gemm(a.Pool, false, false, n, m, d, 1, a.In[0], d, a.In[1], m, 0, a.Out, m)
		return nil
	}
}

func bindWeightGrad[T op.Float](_ weightGrad, a *op.Args[T]) op.Run {
	n, d, m := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	return func() error {
		lin.Gemm(a.Pool, true, false, d, m, n, 1, a.In[0], d, a.In[1], m, 0, a.Out, m)
		return nil
	}
}

// bindBiasGrad sums the columns of D in float64, row by row: bound by memory, n·d
// numbers read once.
func bindBiasGrad[T op.Float](_ biasGrad, a *op.Args[T]) op.Run {
	d := a.Shapes[0][1]
	sum := a.Work[:d]
	return func() error {
		clear(sum)
		for lo := 0; lo < len(a.In[0]); lo += d {
			simd.AddWide(sum, a.In[0][lo:lo+d])
		}
		for j, v := range sum {
			a.Out[j] = T(v)
		}
		return nil
	}
}
