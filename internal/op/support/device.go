package support

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("support", ptx.Of("support/support"), "support_"+name, shape, args...)
}

func (k Percentile) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	return kernel(a, "order_statistic", launch.Rows(n), launch.I(n), launch.I(d), a.Y(), a.X(0), launch.I(rank(d, k.Q)))
}

func (Select) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[1][0]
	return kernel(a, "select", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(l), a.Y(), a.X(0), a.X(1),
		a.X(2))
}

func (inputGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[2][0]
	return kernel(a, "input_grad", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(l), a.Y(), a.X(0), a.X(1),
		a.X(2))
}

func (thetaGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	args := []launch.Arg{launch.I(n), launch.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3)}
	if a.Shape[0] == 1 {
		return kernel(a, "total_grad", launch.LongRows(1, n*d), args...)
	}
	return kernel(a, "theta_grad", launch.Columns(d), args...)
}

func (k Top) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	if k.S >= d {
		size := n * d * int(a.Dtype.Size())
		return func() error { return a.Stream.Copy(a.Out, a.In[0], size) }, nil
	}
	var s op.Sequence
	s.Add(kernel(a, "order_statistic", launch.Rows(n), launch.I(n), launch.I(d), launch.P(a.Work), a.X(0),
		launch.I(d-k.S)))
	s.Add(kernel(a, "top", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(k.S), a.Y(), a.X(0),
		launch.P(a.Work)))
	return s.Run()
}
