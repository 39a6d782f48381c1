//go:build whitebox_cuda

package dropout

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed dropout.ptx
var ptx string

func (k Dropout) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("dropout", ptx, "dropout_dropout", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1),
		launch.U(k.Stream), launch.U(uint64(k.Rate*(1<<53))), a.Real(1/(1-k.Rate)))
}
