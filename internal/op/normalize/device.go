package normalize

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (k Rows) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	return a.Kernel("normalize", ptx.Of("normalize/normalize"), "normalize_rows", launch.Rows(n), launch.I(n),
		launch.I(d), a.Y(), a.X(0), launch.B(k.Zero), launch.P(a.Status))
}

func (grad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shape[0], a.Shape[1]
	return a.Kernel("normalize", ptx.Of("normalize/normalize"), "normalize_tangent", launch.Rows(n), launch.I(n),
		launch.I(d), a.Y(), a.X(0), a.X(1))
}
