//go:build whitebox_cuda

package amp

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed amp.ptx
var ptx string

// launch runs a kernel of amp.cu on the first input, n×d.
func launch(a *opkit.DeviceArgs, name string, rows bool, args ...cuda.Arg) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	shape := cuda.Elements(n * d)
	if rows {
		shape = cuda.Rows(n)
	}
	return a.Kernel("amp", ptx, "amp_"+name, shape, append([]cuda.Arg{cuda.I(n), cuda.I(d), a.Y()}, args...)...)
}

func (RootMeanSquare) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "rms", true, a.X(0))
}

func (rmsGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "rms_grad", false, a.X(0), a.X(1), a.X(2))
}

func (SoftRows) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "soft_rows", false, a.X(0), a.X(1))
}

func (inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("amp", ptx, "amp_input_grad", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}

func (thetaGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "theta_grad", true, a.X(0), a.X(1))
}

func (k Density) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "density", true, a.X(0), cuda.F64(float64(k.M)))
}
