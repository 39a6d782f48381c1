//go:build whitebox_cuda

package batchnorm

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed batchnorm.ptx
var ptx string

// launch runs a kernel of batchnorm.cu.
func launch(a *opkit.DeviceArgs, name string, shape cuda.Shape, args ...cuda.Arg) (opkit.Run, error) {
	return a.Kernel("batchnorm", ptx, "batchnorm_"+name, shape, args...)
}

// layoutArgs is the arguments of a layout, and those that follow.
func layoutArgs(x []int, args ...cuda.Arg) []cuda.Arg {
	l := layoutOf(x)
	return append([]cuda.Arg{cuda.I(l.n), cuda.I(l.channels), cuda.I(l.plane)}, args...)
}

func flag(b bool) cuda.Arg {
	if b {
		return cuda.I(1)
	}
	return cuda.I(0)
}

// blocksOf is a block for each channel of x.
func blocksOf(x []int) cuda.Shape {
	l := layoutOf(x)
	return cuda.LongRows(l.channels, l.n*l.plane)
}

func (k Stats) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "stats", blocksOf(a.Shapes[0]), layoutArgs(a.Shapes[0], a.Y(), a.X(0), cuda.F64(k.Eps))...)
}

func (k Fixed) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	c := a.Shapes[0][0]
	return launch(a, "fixed", cuda.Elements(c), cuda.I(c), a.Y(), a.X(0), a.X(1), cuda.F64(k.Eps))
}

func (k Norm) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	other := cuda.P(0)
	if k.Add {
		other = a.X(4)
	}
	return launch(a, "norm", cuda.Elements(a.N()), layoutArgs(a.Shape, a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), other, flag(k.ReLU))...)
}

func (cut) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "cut", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}

func (k Running) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "running", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1), flag(k.Variance), cuda.F64(k.Momentum),
		cuda.F64(k.Of.Eps), cuda.F64(float64(k.Count)/float64(k.Count-1)), cuda.P(a.Status))
}

// Explain implements opkit.Explained.
func (k Running) Explain(f opkit.Finding) error { return k.tooLarge(f.Number) }

func (k sums) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "sums", blocksOf(a.Shapes[0]), layoutArgs(a.Shapes[0], a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), a.X(4), flag(k.Of.ReLU))...)
}

func (k row) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "row", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), cuda.P(a.In[0]+cuda.Ptr(8*k.Which*a.N())))
}

func (k inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "input_grad", cuda.Elements(a.N()), layoutArgs(a.Shape, a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), a.X(4), a.X(5), flag(k.Of.Train), flag(k.Of.ReLU))...)
}
