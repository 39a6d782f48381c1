//go:build whitebox_cuda

package softmax

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed softmax.ptx
var ptx string

func (k Softmax) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := a.Shape[k.Rank-1]
	return a.Kernel("softmax", ptx, "softmax_softmax", cuda.Rows(a.N()/d), cuda.I(a.N()/d), cuda.I(d), a.Y(), a.X(0))
}

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := a.Shape[k.Of.Rank-1]
	return a.Kernel("softmax", ptx, "softmax_grad", cuda.Rows(a.N()/d), cuda.I(a.N()/d), cuda.I(d), a.Y(), a.X(0), a.X(1))
}
