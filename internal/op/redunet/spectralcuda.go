//go:build whitebox_cuda

package redunet

import (
	_ "embed"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed spectral.ptx
var spectralPTX string

// launchSpectral is a kernel of spectral.cu.
func launchSpectral(a *opkit.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (opkit.Run, error) {
	return a.Kernel("redunet spectral", spectralPTX, "redunet_spectral_"+name, shape, args...)
}

// mostReal is how many numbers of matrices in real form a kernel counts up to.
const mostReal = 1 << 30

// realRoom is how many bytes count complex matrices of d/2×d/2 take in real form, at
// each of f frequencies.
func realRoom(f, count, d int, dt tensor.Dtype) (int, error) {
	n := f * count * d * d
	if n > mostReal {
		return 0, errors.Wrapf(opkit.ErrInput, "redunet: spectral maps: %d matrices of %d×%d at %d frequencies are %d numbers, a kernel counts up to %d", count, d, d, f, n, mostReal)
	}
	return n * int(dt.Size()), nil
}

// stacked stores E and all Cⱼ, inputs 1 and 2, in real form in scratch.
func stacked(a *opkit.DeviceArgs) (opkit.Run, error) {
	k, f, c := a.Shapes[2][0], a.Shapes[2][1], a.Shapes[2][3]
	return launchSpectral(a, "stack", launch.Elements(f*(k+1)*c*c), launch.I(f), launch.I(c), launch.I(k), launch.P(a.Work), a.X(1), a.X(2))
}

// ScratchCUDA is for E and all Cⱼ in real form.
func (SpectralMaps) ScratchCUDA(_ *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (int, error) {
	return realRoom(in[2][1], in[2][0]+1, 2*in[2][3], dt)
}

func (SpectralMaps) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	f, n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[0][2], a.Shapes[2][0]
	rows := (k + 1) * d
	var s opkit.Sequence
	s.Add(stacked(a))
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransB: true, M: n, N: rows, K: d, Alpha: 1, A: a.In[0], LDA: d, B: a.Work, LDB: d, C: a.Out, LDC: rows,
		Batch: f, StrideA: n * d, StrideB: rows * d, StrideC: n * rows}))
	return s.Run()
}

// ScratchCUDA is for E and all Cⱼ in real form.
func (spectralGradZ) ScratchCUDA(_ *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (int, error) {
	return realRoom(in[2][1], in[2][0]+1, 2*in[2][3], dt)
}

func (spectralGradZ) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	f, n, d, k := a.Shape[0], a.Shape[1], a.Shape[2], a.Shapes[2][0]
	rows := (k + 1) * d
	var s opkit.Sequence
	s.Add(stacked(a))
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), M: n, N: d, K: rows, Alpha: 1, A: a.In[0], LDA: rows, B: a.Work, LDB: d, C: a.Out, LDC: d,
		Batch: f, StrideA: n * rows, StrideB: rows * d, StrideC: n * d}))
	return s.Run()
}

// spectralGrad stores the gradients by count matrices, the first being map j0.
func spectralGrad(a *opkit.DeviceArgs, j0, count int) (opkit.Run, error) {
	f, n, k, d := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[0][2]-1, a.Shapes[0][3]
	c, rows, ld := d/2, count*d, (k+1)*d
	var s opkit.Sequence
	s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: rows, N: d, K: n, Alpha: 1,
		A: element(a, a.In[0], j0*d), LDA: ld, B: a.In[1], LDB: d, C: a.Work, LDC: d,
		Batch: f, StrideA: n * ld, StrideB: n * d, StrideC: rows * d}))
	s.Add(launchSpectral(a, "grad", launch.Elements(f*count*c*c), launch.I(f), launch.I(c), launch.I(count), a.Y(), launch.P(a.Work)))
	return s.Run()
}

// ScratchCUDA is for Dᵀz in real form.
func (spectralGradE) ScratchCUDA(_ *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (int, error) {
	return realRoom(in[0][0], 1, in[0][3], dt)
}

func (spectralGradE) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) { return spectralGrad(a, 0, 1) }

// ScratchCUDA is for Dᵀz in real form.
func (spectralGradC) ScratchCUDA(_ *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (int, error) {
	return realRoom(in[0][0], in[0][2]-1, in[0][3], dt)
}

func (spectralGradC) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return spectralGrad(a, 1, a.Shape[0])
}

// Explain implements opkit.Explained.
func (Sphere) Explain(f opkit.Finding) error {
	return noDirection(f.Number, f.Shapes[0][1], float64(f.Value))
}

func (Sphere) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	f, n, d := a.Shape[0], a.Shape[1], a.Shape[2]
	return launchSpectral(a, "sphere", launch.LongRows(n, f*d), launch.I(f), launch.I(n), launch.I(d), a.Y(), a.X(0), launch.P(a.Status))
}

func (sphereGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	f, n, d := a.Shape[0], a.Shape[1], a.Shape[2]
	return launchSpectral(a, "sphere_grad", launch.LongRows(n, f*d), launch.I(f), launch.I(n), launch.I(d), a.Y(), a.X(0), a.X(1))
}
