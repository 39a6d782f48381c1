package redunet

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/op"
)

// bindMaps takes two products of 2nd²(k+1) flops, bound by arithmetic but for the
// smallest d.
func bindMaps[T op.Float](_ Maps, a *op.Args[T]) op.Run {
	n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[2][0]
	ld := (k + 1) * d
	return func() error {
		lin.Gemm(a.Pool, false, true, n, d, d, 1, a.In[0], d, a.In[1], d, 0, a.Out, ld)
		lin.Gemm(a.Pool, false, true, n, k*d, d, 1, a.In[0], d, a.In[2], d, 0, a.Out[d:], ld)
		return nil
	}
}

func bindMapsGradZ[T op.Float](_ mapsGradZ, a *op.Args[T]) op.Run {
	n, k, d := a.Shapes[0][0], a.Shapes[2][0], a.Shapes[0][2]
	ld := (k + 1) * d
	return func() error {
		lin.Gemm(a.Pool, false, false, n, d, d, 1, a.In[0], ld, a.In[1], d, 0, a.Out, d)
		lin.Gemm(a.Pool, false, false, n, d, k*d, 1, a.In[0][d:], ld, a.In[2], d, 1, a.Out, d)
		return nil
	}
}

func bindMapsGradE[T op.Float](_ mapsGradE, a *op.Args[T]) op.Run {
	n, ld, d := a.Shapes[0][0], a.Shapes[0][1]*a.Shapes[0][2], a.Shapes[0][2]
	return func() error {
		lin.Gemm(a.Pool, true, false, d, d, n, 1, a.In[0], ld, a.In[1], d, 0, a.Out, d)
		return nil
	}
}

func bindMapsGradC[T op.Float](_ mapsGradC, a *op.Args[T]) op.Run {
	n, ld, d := a.Shapes[0][0], a.Shapes[0][1]*a.Shapes[0][2], a.Shapes[0][2]
	return func() error {
		lin.Gemm(a.Pool, true, false, ld-d, d, n, 1, a.In[0][d:], ld, a.In[1], d, 0, a.Out, d)
		return nil
	}
}
