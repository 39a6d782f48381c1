//go:build whitebox_cuda

package shrink

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed shrink.ptx
var ptx string

func (k Soft) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("shrink", ptx, "shrink_soft", cuda.Elements(a.N()), cuda.I(a.N()), cuda.I(a.Shape[k.Rank-1]), cuda.I(a.Shapes[1][0]), a.Y(), a.X(0), a.X(1))
}

func (inputGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("shrink", ptx, "shrink_input_grad", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1))
}

func (k thetaGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shapes[0].TotalSize(), a.Shapes[0][k.Of.Rank-1]
	if a.Shape[0] == 1 && d > 1 {
		return a.Kernel("shrink", ptx, "shrink_total_grad", cuda.LongRows(1, n), cuda.I(n), a.Y(), a.X(0), a.X(1))
	}
	return a.Kernel("shrink", ptx, "shrink_theta_grad", cuda.Columns(d), cuda.I(n/d), cuda.I(d), a.Y(), a.X(0), a.X(1))
}
