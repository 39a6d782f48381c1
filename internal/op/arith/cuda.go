//go:build whitebox_cuda

package arith

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed arith.ptx
var ptx string

func (k Binary) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := 1
	if k.Form != Same {
		d = a.Shape[1]
	}
	return a.Kernel("arith", ptx, "arith_binary", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1), launch.I(int(k.Op)), launch.I(int(k.Form)), launch.I(d))
}

func (k Scale) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("arith", ptx, "arith_scale", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.Real(k.C))
}

func (k sum) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	sign := 1.0
	if k.Negate {
		sign = -1
	}
	return reduction(a, k.Form, "arith_sum", a.X(0), launch.F64(sign))
}

func (k productSum) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return reduction(a, k.Form, "arith_product", a.X(0), a.X(1))
}

// reduction launches a sum over the rows or the columns of n×d.
func reduction(a *opkit.DeviceArgs, f Form, name string, args ...launch.Arg) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	args = append([]launch.Arg{launch.I(n), launch.I(d), a.Y()}, args...)
	if f == Row {
		return a.Kernel("arith", ptx, name+"_rows", launch.Columns(d), args...)
	}
	return a.Kernel("arith", ptx, name+"_cols", launch.Rows(n), args...)
}
