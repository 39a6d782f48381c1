//go:build whitebox_cuda

package matmul

import (
	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

func (k MatMul) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	m, inner, n := k.dims(a.Shapes)
	return a.Gemm(cuda.Gemm{Double: a.Double(), TransA: k.TransA, TransB: k.TransB, M: m, N: n, K: inner, Alpha: 1,
		A: a.In[0], LDA: a.Shapes[0][1], B: a.In[1], LDB: a.Shapes[1][1], C: a.Out, LDC: n})
}
