//go:build whitebox_cuda

package pool

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed pool.ptx
var ptx string

// kernel runs a kernel of pool.cu, for images of x and windows y, with a thread for
// each of n elements.
func kernel(k Window, inside bool, a *opkit.DeviceArgs, name string, n int, x, y []int, args ...launch.Arg) (opkit.Run, error) {
	in := 0
	if inside {
		in = 1
	}
	var all []launch.Arg
	for _, v := range []int{x[0] * x[1], x[2], x[3], y[2], y[3], k.Size[0], k.Size[1], k.Stride[0], k.Stride[1], k.Pad[0], k.Pad[1], k.dilation(0), k.dilation(1), in} {
		all = append(all, launch.I(v))
	}
	return a.Kernel("pool", ptx, name, launch.Elements(n), append(all, args...)...)
}

func (k Max) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(k.Window, false, a, "pool_max", a.N(), a.Shapes[0], a.Shape, a.Y(), a.X(0))
}

func (k Mean) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(k.Window, k.Inside, a, "pool_mean", a.N(), a.Shapes[0], a.Shape, a.Y(), a.X(0))
}

func (k maxGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(k.Window, false, a, "pool_max_grad", a.N(), a.Shapes[0], a.Shapes[1], a.Y(), a.X(0), a.X(1))
}

func (k meanGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return kernel(k.Of.Window, k.Of.Inside, a, "pool_mean_grad", a.N(), a.Shapes[0], a.Shapes[1], a.Y(), a.X(1))
}
