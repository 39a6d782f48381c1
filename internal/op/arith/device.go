package arith

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func (k Binary) device(a *op.DeviceArgs) (op.Run, error) {
	d := 1
	if k.Form != Same {
		d = a.Shape[1]
	}
	return a.Kernel("arith", ptx.Of("arith/arith"), "arith_binary", launch.Elements(a.N()), launch.I(a.N()), a.Y(),
		a.X(0), a.X(1), launch.I(int(k.Op)), launch.I(int(k.Form)), launch.I(d))
}

func (k sum) device(a *op.DeviceArgs) (op.Run, error) {
	sign := 1.0
	if k.Negate {
		sign = -1
	}
	return reduction(a, k.Form, "arith_sum", a.X(0), launch.F64(sign))
}

// reduction launches a sum over the rows or the columns of n×d.
func reduction(a *op.DeviceArgs, f Form, name string, args ...launch.Arg) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	args = append([]launch.Arg{launch.I(n), launch.I(d), a.Y()}, args...)
	if f == Row {
		return a.Kernel("arith", ptx.Of("arith/arith"), name+"_rows", launch.Columns(d), args...)
	}
	return a.Kernel("arith", ptx.Of("arith/arith"), name+"_cols", launch.Rows(n), args...)
}
