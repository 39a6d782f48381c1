package pad

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// kernel runs a kernel of pad.cu for images x and padded images y.
func (k Pad) kernel(a *op.DeviceArgs, name string, x, y []int) (op.Run, error) {
	var args []launch.Arg
	for _, v := range []int{x[0] * x[1], x[2], x[3], y[2], y[3], k.Top, k.Left, int(k.Mode)} {
		args = append(args, launch.I(v))
	}
	return a.Kernel("pad", ptx.Of("pad/pad"), name, launch.Elements(a.N()), append(args, a.Y(), a.X(0))...)
}
