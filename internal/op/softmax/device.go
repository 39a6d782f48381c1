package softmax

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (k Softmax) device(a *op.DeviceArgs) (op.Run, error) {
	d := a.Shape[len(a.Shape)-1]
	return a.Kernel("softmax", ptx.Of("softmax/softmax"), "softmax_softmax", launch.Rows(a.N()/d), launch.I(a.N()/d),
		launch.I(d), a.Y(), a.X(0))
}

func (k grad) device(a *op.DeviceArgs) (op.Run, error) {
	d := a.Shape[len(a.Shape)-1]
	return a.Kernel("softmax", ptx.Of("softmax/softmax"), "softmax_grad", launch.Rows(a.N()/d), launch.I(a.N()/d),
		launch.I(d), a.Y(), a.X(0), a.X(1))
}
