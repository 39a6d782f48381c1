//go:build whitebox_cuda

package pool

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed pool.ptx
var ptx string

// launch runs a kernel of pool.cu, for images of x and windows y, with a thread for
// each of n elements.
func launch(k Window, inside bool, a *opkit.DeviceArgs, name string, n int, x, y []int, args ...cuda.Arg) (opkit.Run, error) {
	in := 0
	if inside {
		in = 1
	}
	var all []cuda.Arg
	for _, v := range []int{x[0] * x[1], x[2], x[3], y[2], y[3], k.Size[0], k.Size[1], k.Stride[0], k.Stride[1], k.Pad[0], k.Pad[1], k.dilation(0), k.dilation(1), in} {
		all = append(all, cuda.I(v))
	}
	return a.Kernel("pool", ptx, name, cuda.Elements(n), append(all, args...)...)
}

func (k Max) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(k.Window, false, a, "pool_max", a.N(), a.Shapes[0], a.Shape, a.Y(), a.X(0))
}

func (k Mean) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(k.Window, k.Inside, a, "pool_mean", a.N(), a.Shapes[0], a.Shape, a.Y(), a.X(0))
}

func (k maxGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(k.Window, false, a, "pool_max_grad", a.N(), a.Shapes[0], a.Shapes[1], a.Y(), a.X(0), a.X(1))
}

func (k meanGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return launch(k.Of.Window, k.Of.Inside, a, "pool_mean_grad", a.N(), a.Shapes[0], a.Shapes[1], a.Y(), a.X(1))
}
