package nmse

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// db is an argument: 1 for decibels.
func (k NMSE) db() launch.Arg {
	if k.DB {
		return launch.I(1)
	}
	return launch.I(0)
}

func (k NMSE) device(a *op.DeviceArgs) (op.Run, error) {
	n := a.Shapes[0].TotalSize()
	return a.Kernel("nmse", ptx.Of("nmse/nmse"), "nmse_error", launch.LongRows(1, n), launch.I(n), a.Y(), a.X(0),
		a.X(1), k.db(), launch.P(a.Status))
}

func (k grad) device(a *op.DeviceArgs) (op.Run, error) {
	var s op.Sequence
	s.Add(a.Kernel("nmse", ptx.Of("nmse/nmse"), "nmse_factor", launch.LongRows(1, a.N()), launch.I(a.N()),
		launch.P(a.Work), a.X(0), a.X(1), a.X(2), k.Of.db()))
	s.Add(a.Kernel("nmse", ptx.Of("nmse/nmse"), "nmse_grad", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0),
		a.X(1), launch.P(a.Work)))
	return s.Run()
}
