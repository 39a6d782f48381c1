package redunet

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// launchFactored is a kernel of factored.cu.
func launchFactored(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("redunet factored", ptx.Of("redunet/factored"), "redunet_factored_"+name, shape, args...)
}

func (k FactoredMaps) device(a *op.DeviceArgs) (op.Run, error) {
	starts, err := k.starts()
	if err != nil {
		return nil, err
	}
	n, d, r, classes := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1], len(starts)-1
	ld := (classes + 1) * d
	var s op.Sequence
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransB: true, M: n, N: d, K: d, Alpha: 1, A: a.In[0], LDA: d,
		B: a.In[2], LDB: d, C: a.Out, LDC: ld}))
	for j, lo := range starts[:classes] {
		s.Add(a.Gemm(launch.Gemm{Double: a.Double(), M: n, N: d, K: starts[j+1] - lo, Alpha: 1,
			A: element(a, a.In[1], lo), LDA: r, B: element(a, a.In[3], lo*d), LDB: d, C: element(a, a.Out, (j+1)*d),
			LDC: ld}))
	}
	s.Add(launchFactored(a, "maps", launch.Elements(n*classes*d), launch.I(n), launch.I(classes), launch.I(d), a.Y(),
		a.X(0), a.X(4)))
	return s.Run()
}

func (factoredGradZ) device(a *op.DeviceArgs) (op.Run, error) {
	n, classes, d := a.Shapes[0][0], a.Shapes[0][1]-1, a.Shapes[0][2]
	var s op.Sequence
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), M: n, N: d, K: d, Alpha: 1, A: a.In[0], LDA: (classes + 1) * d,
		B: a.In[1], LDB: d, C: a.Out, LDC: d}))
	s.Add(launchFactored(a, "grad_z", launch.Elements(n*d), launch.I(n), launch.I(classes), launch.I(d), a.Y(), a.X(0),
		a.X(2)))
	return s.Run()
}

// scale multiplies n rows of d numbers, ld apart, by αⱼ of input 2.
func scale(a *op.DeviceArgs, n, d, ld int, at launch.Ptr, j int) (op.Run, error) {
	return launchFactored(a, "scale", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(ld), launch.P(at),
		a.X(2), launch.I(j))
}

func (k factoredGradW) device(a *op.DeviceArgs) (op.Run, error) {
	starts, err := k.Of.starts()
	if err != nil {
		return nil, err
	}
	n, d, r, classes := a.Shapes[0][0], a.Shapes[0][2], a.Shapes[1][0], len(starts)-1
	var s op.Sequence
	for j, lo := range starts[:classes] {
		rows, dw := starts[j+1]-lo, element(a, a.Out, lo)
		s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransB: true, M: n, N: rows, K: d, Alpha: -1,
			A: element(a, a.In[0], (j+1)*d), LDA: (classes + 1) * d, B: element(a, a.In[1], lo*d), LDB: d, C: dw,
			LDC: r}))
		s.Add(scale(a, n, rows, r, dw, j))
	}
	return s.Run()
}

func (k factoredGradB) device(a *op.DeviceArgs) (op.Run, error) {
	starts, err := k.Of.starts()
	if err != nil {
		return nil, err
	}
	n, d, r, classes := a.Shapes[0][0], a.Shapes[0][2], a.Shapes[1][1], len(starts)-1
	var s op.Sequence
	for j, lo := range starts[:classes] {
		rows, db := starts[j+1]-lo, element(a, a.Out, lo*d)
		s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: rows, N: d, K: n, Alpha: -1,
			A: element(a, a.In[1], lo), LDA: r, B: element(a, a.In[0], (j+1)*d), LDB: (classes + 1) * d, C: db,
			LDC: d}))
		s.Add(scale(a, rows, d, d, db, j))
	}
	return s.Run()
}

func (factoredGradAlpha) device(a *op.DeviceArgs) (op.Run, error) {
	n, classes, d := a.Shapes[0][0], a.Shapes[0][1]-1, a.Shapes[0][2]
	return launchFactored(a, "grad_alpha", launch.LongRows(classes, n*d), launch.I(n), launch.I(classes), launch.I(d),
		a.Y(), a.X(0), a.X(1), a.X(2))
}
