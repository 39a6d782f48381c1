package hard

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (k Hard) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[1][0]
	return a.Kernel("hard", ptx.Of("hard/hard"), "hard_hard", launch.Elements(n*d), launch.I(n), launch.I(d),
		launch.I(l), a.Y(), a.X(0), a.X(1), launch.F64(k.Sigma))
}

func (k inputGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, l := a.Shape[0], a.Shape[1], a.Shapes[2][0]
	return a.Kernel("hard", ptx.Of("hard/hard"), "hard_input_grad", launch.Elements(n*d), launch.I(n), launch.I(d),
		launch.I(l), a.Y(), a.X(0), a.X(1), a.X(2), launch.F64(k.Of.Sigma))
}

func (k thetaGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[1][0], a.Shapes[1][1]
	if a.Shape[0] == 1 {
		return a.Kernel("hard", ptx.Of("hard/hard"), "hard_total_grad", launch.LongRows(1, n*d), launch.I(n*d), a.Y(),
			a.X(0), a.X(1), a.X(2), launch.F64(k.Of.Sigma))
	}
	return a.Kernel("hard", ptx.Of("hard/hard"), "hard_theta_grad", launch.Columns(d), launch.I(n), launch.I(d), a.Y(),
		a.X(0), a.X(1), a.X(2), launch.F64(k.Of.Sigma))
}
