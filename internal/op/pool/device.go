package pool

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// kernel runs a kernel of pool.cu, for images of x and windows y, with a thread for
// each of n elements.
func kernel(
	k Window, inside bool, a *op.DeviceArgs, name string, n int, x, y []int, args ...launch.Arg,
) (op.Run, error) {
	in := 0
	if inside {
		in = 1
	}
	var all []launch.Arg
	for _, v := range []int{x[0] * x[1], x[2], x[3], y[2], y[3], k.Size[0], k.Size[1], k.Stride[0], k.Stride[1],
		k.Pad[0], k.Pad[1], k.dilation(0), k.dilation(1), in} {
		all = append(all, launch.I(v))
	}
	return a.Kernel("pool", ptx.Of("pool/pool"), name, launch.Elements(n), append(all, args...)...)
}
