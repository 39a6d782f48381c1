//go:build whitebox_cuda

package batchnorm

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed batchnorm.ptx
var ptx string

// launch runs a kernel of batchnorm.cu.
func kernel(a *opkit.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (opkit.Run, error) {
	return a.Kernel("batchnorm", ptx, "batchnorm_"+name, shape, args...)
}

// layoutArgs is the arguments of a layout, and those that follow.
func layoutArgs(x []int, args ...launch.Arg) []launch.Arg {
	l := layoutOf(x)
	return append([]launch.Arg{launch.I(l.n), launch.I(l.channels), launch.I(l.plane)}, args...)
}

func flag(b bool) launch.Arg {
	if b {
		return launch.I(1)
	}
	return launch.I(0)
}

// blocksOf is a block for each channel of x.
func blocksOf(x []int) launch.Shape {
	l := layoutOf(x)
	return launch.LongRows(l.channels, l.n*l.plane)
}

func (k Stats) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "stats", blocksOf(a.Shapes[0]), layoutArgs(a.Shapes[0], a.Y(), a.X(0), launch.F64(k.Eps))...)
}

func (k Fixed) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	c := a.Shapes[0][0]
	return kernel(a, "fixed", launch.Elements(c), launch.I(c), a.Y(), a.X(0), a.X(1), launch.F64(k.Eps))
}

func (k Norm) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	other := launch.P(0)
	if k.Add {
		other = a.X(4)
	}
	return kernel(a, "norm", launch.Elements(a.N()), layoutArgs(a.Shape, a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), other, flag(k.ReLU))...)
}

func (cut) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "cut", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
}

func (k Running) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "running", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1), flag(k.Variance), launch.F64(k.Momentum),
		launch.F64(k.Of.Eps), launch.F64(float64(k.Count)/float64(k.Count-1)), launch.P(a.Status))
}

// Explain implements opkit.Explained.
func (k Running) Explain(f opkit.Finding) error { return k.tooLarge(f.Number) }

func (k sums) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "sums", blocksOf(a.Shapes[0]), layoutArgs(a.Shapes[0], a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), a.X(4), flag(k.Of.ReLU))...)
}

func (k row) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "row", launch.Elements(a.N()), launch.I(a.N()), a.Y(), launch.P(a.In[0]+launch.Ptr(8*k.Which*a.N())))
}

func (k inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "input_grad", launch.Elements(a.N()), layoutArgs(a.Shape, a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), a.X(4), a.X(5), flag(k.Of.Train), flag(k.Of.ReLU))...)
}
