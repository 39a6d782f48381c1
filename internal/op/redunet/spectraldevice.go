package redunet

import (
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// launchSpectral is a kernel of spectral.cu.
func launchSpectral(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("redunet spectral", ptx.Of("redunet/spectral"), "redunet_spectral_"+name, shape, args...)
}

// mostReal is how many numbers of matrices in real form a kernel counts up to.
const mostReal = 1 << 30

// realRoom is how many bytes count complex matrices of d/2×d/2 take in real form, at
// each of f frequencies.
func realRoom(f, count, d int, dt tensor.Dtype) (int, error) {
	n := f * count * d * d
	if n > mostReal {
		return 0, op.Errorf(
			"redunet: spectral maps: %d matrices of %d×%d at %d frequencies are %d numbers, a kernel counts up to %d",
			count, d, d, f, n, mostReal)
	}
	return n * int(dt.Size()), nil
}

// stacked stores E and all Cⱼ, inputs 1 and 2, in real form in scratch.
func stacked(a *op.DeviceArgs) (op.Run, error) {
	k, f, c := a.Shapes[2][0], a.Shapes[2][1], a.Shapes[2][3]
	return launchSpectral(a, "stack", launch.Elements(f*(k+1)*c*c), launch.I(f), launch.I(c), launch.I(k),
		launch.P(a.Work), a.X(1), a.X(2))
}

func (SpectralMaps) device(a *op.DeviceArgs) (op.Run, error) {
	f, n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[0][2], a.Shapes[2][0]
	rows := (k + 1) * d
	var s op.Sequence
	s.Add(stacked(a))
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransB: true, M: n, N: rows, K: d, Alpha: 1, A: a.In[0], LDA: d,
		B: a.Work, LDB: d, C: a.Out, LDC: rows,
		Batch: f, StrideA: n * d, StrideB: rows * d, StrideC: n * rows}))
	return s.Run()
}

func (spectralGradZ) device(a *op.DeviceArgs) (op.Run, error) {
	f, n, d, k := a.Shape[0], a.Shape[1], a.Shape[2], a.Shapes[2][0]
	rows := (k + 1) * d
	var s op.Sequence
	s.Add(stacked(a))
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), M: n, N: d, K: rows, Alpha: 1, A: a.In[0], LDA: rows, B: a.Work,
		LDB: d, C: a.Out, LDC: d,
		Batch: f, StrideA: n * rows, StrideB: rows * d, StrideC: n * d}))
	return s.Run()
}

// spectralGrad stores the gradients by count matrices, the first being map j0.
func spectralGrad(a *op.DeviceArgs, j0, count int) (op.Run, error) {
	f, n, k, d := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[0][2]-1, a.Shapes[0][3]
	c, rows, ld := d/2, count*d, (k+1)*d
	var s op.Sequence
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: rows, N: d, K: n, Alpha: 1,
		A: element(a, a.In[0], j0*d), LDA: ld, B: a.In[1], LDB: d, C: a.Work, LDC: d,
		Batch: f, StrideA: n * ld, StrideB: n * d, StrideC: rows * d}))
	s.Add(launchSpectral(a, "grad", launch.Elements(f*count*c*c), launch.I(f), launch.I(c), launch.I(count), a.Y(),
		launch.P(a.Work)))
	return s.Run()
}

func (Sphere) device(a *op.DeviceArgs) (op.Run, error) {
	f, n, d := a.Shape[0], a.Shape[1], a.Shape[2]
	return launchSpectral(a, "sphere", launch.LongRows(n, f*d), launch.I(f), launch.I(n), launch.I(d), a.Y(), a.X(0),
		launch.P(a.Status))
}

func (sphereGrad) device(a *op.DeviceArgs) (op.Run, error) {
	f, n, d := a.Shape[0], a.Shape[1], a.Shape[2]
	return launchSpectral(a, "sphere_grad", launch.LongRows(n, f*d), launch.I(f), launch.I(n), launch.I(d), a.Y(),
		a.X(0), a.X(1))
}
