package dropout

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (k Dropout) device(a *op.DeviceArgs) (op.Run, error) {
	return a.Kernel("dropout", ptx.Of("dropout/dropout"), "dropout_dropout", launch.Elements(a.N()), launch.I(a.N()),
		a.Y(), a.X(0), a.X(1),
		launch.U(k.Stream), launch.U(uint64(k.Rate*(1<<53))), a.Real(1/(1-k.Rate)))
}
