//go:build whitebox_cuda

package pad

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed pad.ptx
var ptx string

// kernel runs a kernel of pad.cu for images x and padded images y.
func (k Pad) kernel(a *opkit.DeviceArgs, name string, x, y []int) (opkit.Run, error) {
	var args []launch.Arg
	for _, v := range []int{x[0] * x[1], x[2], x[3], y[2], y[3], k.Top, k.Left, int(k.Mode)} {
		args = append(args, launch.I(v))
	}
	return a.Kernel("pad", ptx, name, launch.Elements(a.N()), append(args, a.Y(), a.X(0))...)
}

func (k Pad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return k.kernel(a, "pad_pad", a.Shapes[0], a.Shape)
}

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return k.Of.kernel(a, "pad_grad", a.Shape, a.Shapes[0])
}
