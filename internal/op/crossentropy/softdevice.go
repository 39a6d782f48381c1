package crossentropy

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// softLaunch runs a kernel of soft.cu.
func softLaunch(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	n, k := a.Shapes[0][0], a.Shapes[0][1]
	return a.Kernel("crossentropy soft", ptx.Of("crossentropy/soft"), "crossentropy_"+name, shape,
		append([]launch.Arg{launch.I(n), launch.I(k), a.Y()}, args...)...)
}
