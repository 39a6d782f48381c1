//go:build whitebox_cuda

package arith

import (
	_ "embed"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed arith.ptx
var ptx string

func (k Binary) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := 1
	if k.Form != Same {
		d = a.Shape[1]
	}
	return a.Kernel("arith", ptx, "arith_binary", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.X(1), cuda.I(int(k.Op)), cuda.I(int(k.Form)), cuda.I(d))
}

func (k Scale) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return a.Kernel("arith", ptx, "arith_scale", cuda.Elements(a.N()), cuda.I(a.N()), a.Y(), a.X(0), a.Real(k.C))
}

func (k sum) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	sign := 1.0
	if k.Negate {
		sign = -1
	}
	return reduction(a, k.Form, "arith_sum", a.X(0), cuda.F64(sign))
}

func (k productSum) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	return reduction(a, k.Form, "arith_product", a.X(0), a.X(1))
}

// reduction launches a sum over the rows or the columns of n×d.
func reduction(a *opkit.DeviceArgs, f Form, name string, args ...cuda.Arg) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	args = append([]cuda.Arg{cuda.I(n), cuda.I(d), a.Y()}, args...)
	if f == Row {
		return a.Kernel("arith", ptx, name+"_rows", cuda.Columns(d), args...)
	}
	return a.Kernel("arith", ptx, name+"_cols", cuda.Rows(n), args...)
}
