//go:build whitebox_cuda

package engine

import (
	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

func (k add) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("engine", stockPTX, "engine_add", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}
