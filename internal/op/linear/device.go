package linear

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (Affine) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	var s op.Sequence
	s.Add(a.Kernel("linear", ptx.Of("linear/linear"), "linear_bias", launch.Elements(n*d), launch.I(n), launch.I(d),
		a.Y(), a.X(2)))
	s.Add(product(a, 1))
	return s.Run()
}

// product is y = xWᵀ + βy.
func product(a *op.DeviceArgs, beta float64) (op.Run, error) {
	n, m, d := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][0]
	return a.Gemm(launch.Gemm{Double: a.Double(), TransB: true, M: n, N: d, K: m, Alpha: 1, A: a.In[0], LDA: m,
		B: a.In[1], LDB: m, Beta: beta, C: a.Out, LDC: d})
}

func (inputGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, m := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	return a.Gemm(launch.Gemm{Double: a.Double(), M: n, N: m, K: d, Alpha: 1, A: a.In[0], LDA: d, B: a.In[1], LDB: m,
		C: a.Out, LDC: m})
}

func (weightGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, m := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	return a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: d, N: m, K: n, Alpha: 1, A: a.In[0], LDA: d,
		B: a.In[1], LDB: m, C: a.Out, LDC: m})
}

func (biasGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	return a.Kernel("linear", ptx.Of("linear/linear"), "linear_bias_grad", launch.Columns(d), launch.I(n), launch.I(d),
		a.Y(), a.X(0))
}
