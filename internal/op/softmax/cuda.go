//go:build whitebox_cuda

package softmax

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed softmax.ptx
var ptx string

func (k Softmax) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := a.Shape[k.Rank-1]
	return a.Kernel("softmax", ptx, "softmax_softmax", launch.Rows(a.N()/d), launch.I(a.N()/d), launch.I(d), a.Y(), a.X(0))
}

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := a.Shape[k.Of.Rank-1]
	return a.Kernel("softmax", ptx, "softmax_grad", launch.Rows(a.N()/d), launch.I(a.N()/d), launch.I(d), a.Y(), a.X(0), a.X(1))
}
