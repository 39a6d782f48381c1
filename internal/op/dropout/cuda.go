//go:build whitebox_cuda

package dropout

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed dropout.ptx
var ptx string

func (k Dropout) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("dropout", ptx, "dropout_dropout", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1),
		cuda.U(k.Stream), cuda.U(uint64(k.Rate*(1<<53))), a.Real(1/(1-k.Rate)))
}
