//go:build whitebox_cuda

package crossentropy

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed soft.ptx
var softPTX string

// softLaunch runs a kernel of soft.cu.
func softLaunch(a *opkit.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (opkit.Run, error) {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	return a.Kernel("crossentropy soft", softPTX, "crossentropy_"+name, shape, append([]launch.Arg{launch.I(n), launch.I(k), a.Y()}, args...)...)
}

func (k Soft) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return softLaunch(a, "soft", launch.One(), a.X(1), a.X(2), launch.F64(k.Smoothing))
}

func (k softGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return softLaunch(a, "soft_grad", launch.Rows(a.Shape[0]), a.X(0), a.X(1), a.X(2), launch.F64(k.Of.Smoothing))
}

func (k softTargetGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return softLaunch(a, "target_grad", launch.Elements(a.N()), a.X(0), a.X(1), launch.F64(k.Of.Smoothing))
}
