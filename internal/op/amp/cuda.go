//go:build whitebox_cuda

package amp

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed amp.ptx
var ptx string

// kernel runs a kernel of amp.cu on the first input, n×d.
func kernel(a *opkit.DeviceArgs, name string, rows bool, args ...launch.Arg) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	shape := launch.Elements(n * d)
	if rows {
		shape = launch.Rows(n)
	}
	return a.Kernel("amp", ptx, "amp_"+name, shape, append([]launch.Arg{launch.I(n), launch.I(d), a.Y()}, args...)...)
}

func (RootMeanSquare) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "rms", true, a.X(0))
}

func (rmsGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "rms_grad", false, a.X(0), a.X(1), a.X(2))
}

func (SoftRows) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "soft_rows", false, a.X(0), a.X(1))
}

func (inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("amp", ptx, "amp_input_grad", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
}

func (thetaGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "theta_grad", true, a.X(0), a.X(1))
}

func (k Density) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "density", true, a.X(0), launch.F64(float64(k.M)))
}
