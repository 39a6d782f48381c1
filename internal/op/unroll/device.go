package unroll

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// addProduct adds b + c·v Wᵀ to s.
func addProduct(s *op.Sequence, c float64, a *op.DeviceArgs) {
	n, d, m := a.Shapes[1][0], a.Shapes[2][0], a.Shapes[2][1]
	size := n * d * int(a.Dtype.Size())
	s.Add(func() error { return a.Stream.Copy(a.Out, a.In[0], size) }, nil)
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransB: true, M: n, N: d, K: m, Alpha: c, A: a.In[1], LDA: m,
		B: a.In[2], LDB: m, Beta: 1, C: a.Out, LDC: d}))
}

func (k Affine) device(a *op.DeviceArgs) (op.Run, error) {
	var s op.Sequence
	addProduct(&s, k.C, a)
	return s.Run()
}

func (k Step) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	var s op.Sequence
	addProduct(&s, k.C, a)
	s.Add(a.Kernel("unroll", ptx.Of("unroll/unroll"), "unroll_soft", launch.Elements(n*d), launch.I(n), launch.I(d),
		launch.I(a.Shapes[3][0]), a.Y(), a.X(3)))
	return s.Run()
}

func (k inputGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, m := a.Shapes[0][0], a.Shapes[1][0], a.Shapes[1][1]
	return a.Gemm(launch.Gemm{Double: a.Double(), M: n, N: m, K: d, Alpha: k.C, A: a.In[0], LDA: d, B: a.In[1], LDB: m,
		C: a.Out, LDC: m})
}

func (k weightGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, m := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	return a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: d, N: m, K: n, Alpha: k.C, A: a.In[0], LDA: d,
		B: a.In[1], LDB: m, C: a.Out, LDC: m})
}

func (thetaGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	if a.Shape[0] == 1 {
		return a.Kernel("unroll", ptx.Of("unroll/unroll"), "unroll_total_grad", launch.LongRows(1, n*d), launch.I(n*d),
			a.Y(), a.X(0), a.X(1))
	}
	return a.Kernel("unroll", ptx.Of("unroll/unroll"), "unroll_theta_grad", launch.Columns(d), launch.I(n), launch.I(d),
		a.Y(), a.X(0), a.X(1))
}
