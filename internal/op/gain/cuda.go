//go:build whitebox_cuda

package gain

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed gain.ptx
var ptx string

// kernel runs a kernel of gain.cu over n elements: one block if it sums.
func kernel(a *opkit.DeviceArgs, name string, sums bool, args ...launch.Arg) (opkit.Run, error) {
	n := a.Shapes[0].TotalSize()
	shape := launch.Elements(n)
	if sums {
		shape = launch.LongRows(1, n)
	}
	return a.Kernel("gain", ptx, "gain_"+name, shape, append([]launch.Arg{launch.I(n), a.Y()}, args...)...)
}

func flag(b bool) launch.Arg {
	if b {
		return launch.I(1)
	}
	return launch.I(0)
}

func (Times) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "times", false, a.X(0), a.X(1))
}

func (inner) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "inner", true, a.X(0), a.X(1))
}

func (Gate) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "gate", false, a.X(0), a.X(1), a.X(2))
}

func (gateGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "gate_grad", false, a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k gateFactorGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "gate_factor_grad", true, a.X(0), a.X(1), a.X(2), a.X(3), flag(k.Of == "kappa"))
}

func (k Overshoot) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "overshoot", false, a.X(0), a.X(1), a.X(2), launch.F64(k.Eps))
}

func (k overshootGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "overshoot_grad", false, a.X(0), a.X(1), a.X(2), a.X(3), launch.F64(k.Of.Eps), flag(k.Y))
}

func (k overshootFactorGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(a, "overshoot_factor_grad", true, a.X(0), a.X(1), a.X(2), launch.F64(k.Of.Eps))
}
