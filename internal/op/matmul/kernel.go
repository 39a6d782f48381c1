package matmul

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

func bind[T opkit.Float](k MatMul, a *opkit.Args[T]) opkit.Run {
	m, inner, n := k.dims(a.Shapes)
	return func() error {
		lin.Gemm(a.Pool, k.TransA, k.TransB, m, n, inner, 1, a.In[0], a.Shapes[0][1], a.In[1], a.Shapes[1][1], 0, a.Out, n)
		return nil
	}
}
