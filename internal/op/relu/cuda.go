//go:build whitebox_cuda

package relu

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed relu.ptx
var ptx string

func (k ReLU) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("relu", ptx, "relu_relu", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0))
}

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("relu", ptx, "relu_grad", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}

func (k AddReLU) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("relu", ptx, "relu_add_relu", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}
