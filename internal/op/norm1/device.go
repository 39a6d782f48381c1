package norm1

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (L1) device(a *op.DeviceArgs) (op.Run, error) {
	n := op.Operand{Shape: a.Shapes[0]}.Size()
	return a.Kernel("norm1", ptx.Of("norm1/norm1"), "norm1_total", launch.LongRows(1, n), launch.I(n), a.Y(), a.X(0))
}
