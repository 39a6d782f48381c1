//go:build whitebox_cuda

package nmse

import (
	_ "embed"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed nmse.ptx
var ptx string

// db is an argument: 1 for decibels.
func (k NMSE) db() launch.Arg {
	if k.DB {
		return launch.I(1)
	}
	return launch.I(0)
}

func (k NMSE) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n := a.Shapes[0].TotalSize()
	return a.Kernel("nmse", ptx, "nmse_error", launch.LongRows(1, n), launch.I(n), a.Y(), a.X(0), a.X(1), k.db(), launch.P(a.Status))
}

// Explain implements opkit.Explained.
func (k NMSE) Explain(opkit.Finding) error {
	return errors.Wrap(opkit.ErrInput, "nmse: the target is 0: there is nothing to normalise by")
}

// ScratchCUDA is for one number.
func (grad) ScratchCUDA(*cuda.Device, tensor.Dtype, []tensor.Shape) (int, error) { return 8, nil }

func (k grad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	var s opkit.Sequence
	s.Add(a.Kernel("nmse", ptx, "nmse_factor", launch.LongRows(1, a.N()), launch.I(a.N()), launch.P(a.Work), a.X(0), a.X(1), a.X(2), k.Of.db()))
	s.Add(a.Kernel("nmse", ptx, "nmse_grad", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1), launch.P(a.Work)))
	return s.Run()
}
