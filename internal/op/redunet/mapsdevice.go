package redunet

import (
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (Maps) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[2][0]
	g := launch.Gemm{Double: a.Double(), TransB: true, M: n, N: d, K: d, Alpha: 1, A: a.In[0], LDA: d, B: a.In[1],
		LDB: d, C: a.Out, LDC: (k + 1) * d}
	var s op.Sequence
	s.Add(a.Gemm(g))
	g.N, g.B, g.C = k*d, a.In[2], element(a, a.Out, d)
	s.Add(a.Gemm(g))
	return s.Run()
}

func (mapsGradZ) device(a *op.DeviceArgs) (op.Run, error) {
	n, k, d := a.Shapes[0][0], a.Shapes[2][0], a.Shapes[0][2]
	g := launch.Gemm{Double: a.Double(), M: n, N: d, K: d, Alpha: 1, A: a.In[0], LDA: (k + 1) * d, B: a.In[1], LDB: d,
		C: a.Out, LDC: d}
	var s op.Sequence
	s.Add(a.Gemm(g))
	g.K, g.A, g.B, g.Beta = k*d, element(a, a.In[0], d), a.In[2], 1
	s.Add(a.Gemm(g))
	return s.Run()
}

// mapsGrad is DⱼᵀZ of count maps, the first being map j0.
func mapsGrad(a *op.DeviceArgs, j0, count int) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][2]
	return a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: count * d, N: d, K: n, Alpha: 1,
		A: element(a, a.In[0], j0*d), LDA: a.Shapes[0][1] * d, B: a.In[1], LDB: d, C: a.Out, LDC: d})
}
