package batchnorm

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// launch runs a kernel of batchnorm.cu.
func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("batchnorm", ptx.Of("batchnorm/batchnorm"), "batchnorm_"+name, shape, args...)
}

// layoutArgs is the arguments of a layout, and those that follow.
func layoutArgs(x []int, args ...launch.Arg) []launch.Arg {
	l := layoutOf(x)
	return append([]launch.Arg{launch.I(l.n), launch.I(l.channels), launch.I(l.plane)}, args...)
}

// blocksOf is a block for each channel of x.
func blocksOf(x []int) launch.Shape {
	l := layoutOf(x)
	return launch.LongRows(l.channels, l.n*l.plane)
}

func (k Fixed) device(a *op.DeviceArgs) (op.Run, error) {
	c := a.Shapes[0][0]
	return kernel(a, "fixed", launch.Elements(c), launch.I(c), a.Y(), a.X(0), a.X(1), launch.F64(k.Eps))
}

func (k Norm) device(a *op.DeviceArgs) (op.Run, error) {
	other := launch.P(0)
	if k.Add {
		other = a.X(4)
	}
	return kernel(a, "norm", launch.Elements(a.N()), layoutArgs(a.Shape, a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), other,
		launch.B(k.ReLU))...)
}

func (k Running) device(a *op.DeviceArgs) (op.Run, error) {
	return kernel(a, "running", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1), launch.B(k.Variance),
		launch.F64(k.Momentum),
		launch.F64(k.Of.Eps), launch.F64(float64(k.Count)/float64(k.Count-1)), launch.P(a.Status))
}
