//go:build whitebox_cuda

package support

import (
	_ "embed"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed support.ptx
var ptx string

func launch(a *opkit.DeviceArgs, name string, shape cuda.Shape, args ...cuda.Arg) (opkit.Run, error) {
	return a.Kernel("support", ptx, "support_"+name, shape, args...)
}

func (k Percentile) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	return launch(a, "order_statistic", cuda.Rows(n), cuda.I(n), cuda.I(d), a.Y(), a.X(0), cuda.I(rank(d, k.Q)))
}

func (Select) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[1][0]
	return launch(a, "select", cuda.Elements(n*d), cuda.I(n), cuda.I(d), cuda.I(l), a.Y(), a.X(0), a.X(1), a.X(2))
}

func (inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[2][0]
	return launch(a, "input_grad", cuda.Elements(n*d), cuda.I(n), cuda.I(d), cuda.I(l), a.Y(), a.X(0), a.X(1), a.X(2))
}

func (thetaGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	args := []cuda.Arg{cuda.I(n), cuda.I(d), a.Y(), a.X(0), a.X(1), a.X(2), a.X(3)}
	if a.Shape[0] == 1 {
		return launch(a, "total_grad", cuda.LongRows(1, n*d), args...)
	}
	return launch(a, "theta_grad", cuda.Columns(d), args...)
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
	s.Add(launch(a, "order_statistic", cuda.Rows(n), cuda.I(n), cuda.I(d), cuda.P(a.Work), a.X(0), cuda.I(d-k.S)))
	s.Add(launch(a, "top", cuda.Elements(n*d), cuda.I(n), cuda.I(d), cuda.I(k.S), a.Y(), a.X(0), cuda.P(a.Work)))
	return s.Run()
}

func (kept) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "kept", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}
