//go:build whitebox_cuda

package support

import (
	_ "embed"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed support.ptx
var ptx string

func kernel(a *opkit.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (opkit.Run, error) {
	return a.Kernel("support", ptx, "support_"+name, shape, args...)
}

func (k Percentile) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	return kernel(a, "order_statistic", launch.Rows(n), launch.I(n), launch.I(d), a.Y(), a.X(0), launch.I(rank(d, k.Q)))
}

func (Select) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[1][0]
	return kernel(a, "select", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(l), a.Y(), a.X(0), a.X(1), a.X(2))
}

func (inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[2][0]
	return kernel(a, "input_grad", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(l), a.Y(), a.X(0), a.X(1), a.X(2))
}

func (thetaGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	args := []launch.Arg{launch.I(n), launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3)}
	if a.Shape[0] == 1 {
		return kernel(a, "total_grad", launch.LongRows(1, n*d), args...)
	}
	return kernel(a, "theta_grad", launch.Columns(d), args...)
}

// ScratchCUDA is for the smallest magnitude of each row that is kept.
func (Top) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	return 8 * in[0][0], nil
}

func (k Top) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	if k.S >= d {
		size := n * d * int(a.Dtype.Size())
		return func() error { return a.Stream.Copy(a.Out, a.In[0], size) }, nil
	}
	var s opkit.Sequence
	s.Add(kernel(a, "order_statistic", launch.Rows(n), launch.I(n), launch.I(d), launch.P(a.Work), a.X(0), launch.I(d-k.S)))
	s.Add(kernel(a, "top", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(k.S), a.Y(), a.X(0), launch.P(a.Work)))
	return s.Run()
}

func (kept) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "kept", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
}
