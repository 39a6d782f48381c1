package crossentropy

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (k LogSoftmax) device(a *op.DeviceArgs) (op.Run, error) {
	d := a.Shape[len(a.Shape)-1]
	return a.Kernel("crossentropy", ptx.Of("crossentropy/crossentropy"), "crossentropy_log_softmax",
		launch.Rows(a.N()/d), launch.I(a.N()/d), launch.I(d), a.Y(), a.X(0))
}

func (k logSoftmaxGrad) device(a *op.DeviceArgs) (op.Run, error) {
	d := a.Shape[len(a.Shape)-1]
	return a.Kernel("crossentropy", ptx.Of("crossentropy/crossentropy"), "crossentropy_log_softmax_grad",
		launch.Rows(a.N()/d), launch.I(a.N()/d), launch.I(d), a.Y(), a.X(0), a.X(1))
}

func (k Mean) device(a *op.DeviceArgs) (op.Run, error) {
	n, classes := a.Shapes[0][0], a.Shapes[0][1]
	return a.Kernel("crossentropy", ptx.Of("crossentropy/crossentropy"), "crossentropy_mean", launch.LongRows(1,
		n*classes), launch.I(n), launch.I(classes), a.Y(), a.X(1), a.X(2), launch.F64(k.Smoothing), launch.P(a.Status))
}

func (k meanGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, classes := a.Shape[0], a.Shape[1]
	return a.Kernel("crossentropy", ptx.Of("crossentropy/crossentropy"), "crossentropy_mean_grad",
		launch.Elements(a.N()), launch.I(n), launch.I(classes), a.Y(), a.X(0), a.X(1), a.X(2),
		launch.F64(k.Of.Smoothing))
}
