//go:build whitebox_cuda

package gain

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed gain.ptx
var ptx string

// launch runs a kernel of gain.cu over n elements: one block if it sums.
func launch(a *opkit.DeviceArgs, name string, sums bool, args ...cuda.Arg) (opkit.Run, error) {
	n := a.Shapes[0].TotalSize()
	shape := cuda.Elements(n)
	if sums {
		shape = cuda.LongRows(1, n)
	}
	return a.Kernel("gain", ptx, "gain_"+name, shape, append([]cuda.Arg{cuda.I(n), a.Y()}, args...)...)
}

func flag(b bool) cuda.Arg {
	if b {
		return cuda.I(1)
	}
	return cuda.I(0)
}

func (Times) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "times", false, a.X(0), a.X(1))
}

func (inner) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "inner", true, a.X(0), a.X(1))
}

func (Gate) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "gate", false, a.X(0), a.X(1), a.X(2))
}

func (gateGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "gate_grad", false, a.X(0), a.X(1), a.X(2), a.X(3))
}

func (k gateFactorGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "gate_factor_grad", true, a.X(0), a.X(1), a.X(2), a.X(3), flag(k.Of == "kappa"))
}

func (k Overshoot) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "overshoot", false, a.X(0), a.X(1), a.X(2), cuda.F64(k.Eps))
}

func (k overshootGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "overshoot_grad", false, a.X(0), a.X(1), a.X(2), a.X(3), cuda.F64(k.Of.Eps), flag(k.Y))
}

func (k overshootFactorGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(a, "overshoot_factor_grad", true, a.X(0), a.X(1), a.X(2), cuda.F64(k.Of.Eps))
}
