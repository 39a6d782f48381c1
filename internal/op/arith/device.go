package arith

import (
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// axes is how many axes of a walk the kernels take.
const axes = 4

func (k Binary) device(a *op.DeviceArgs) (op.Run, error) {
	w, err := walkFor(a, a.Shape, a.Shapes[0], a.Shapes[1])
	if err != nil {
		return nil, err
	}
	n, step := w.row()
	rows := len(w.size) - 1
	form := -1
	switch {
	case rows <= 0 && step[1] > 0 && step[2] > 0:
		form = 0
	case rows == 1 && step[1] > 0 && step[2] > 0 && w.strides[1][1] > 0 && w.strides[2][1] == 0:
		form = 1
	case rows == 1 && step[1] > 0 && step[2] == 0 && w.strides[1][1] > 0:
		form = 2
	}
	args := []launch.Arg{launch.I(a.N()), a.Y(), a.X(0), a.X(1), launch.I(int(k.Op))}
	if form >= 0 {
		return kernel(a, "binary", launch.Elements(a.N()), append(args, launch.I(form), launch.I(n))...)
	}
	return kernel(a, "broadcast", launch.Elements(a.N()), w.args(args, 1, 2)...)
}

func (k fold) device(a *op.DeviceArgs) (op.Run, error) {
	factor, other, product := a.X(0), a.Shapes[0], 0
	if k.Product {
		factor, other, product = a.X(1), a.Shapes[1], 1
	}
	w, err := walkFor(a, a.Shapes[0], a.Shape, other)
	if err != nil {
		return nil, err
	}
	sign := 1.0
	if k.Negate {
		sign = -1
	}
	m := op.Operand{Shape: a.Shape}.Size()
	r := op.Operand{Shape: a.Shapes[0]}.Size() / m
	return kernel(a, "fold", launch.Rows(m), w.args([]launch.Arg{launch.I(m), launch.I(r), a.Y(), a.X(0), factor,
		launch.I(product), launch.F64(sign)}, 1, 2)...)
}

// walkFor returns the walk, or an error if it has more axes than the kernels take.
func walkFor(a *op.DeviceArgs, out, x, y tensor.Shape) (walk, error) {
	w := walkOf(out, x, y)
	if len(w.size) > axes {
		return w, op.Errorf("arith: %v meets %v, which alternate more than the kernels of a device take: "+
			"reshape them, or run on the host", x, y)
	}
	return w, nil
}

// args appends the sizes of the axes, last first, and the strides of two operands.
func (w *walk) args(args []launch.Arg, operands ...int) []launch.Arg {
	of := func(x []int, without int) {
		for i := range axes {
			v := without
			if i < len(x) {
				v = x[i]
			}
			args = append(args, launch.I(v))
		}
	}
	of(w.size, 1)
	for _, i := range operands {
		of(w.strides[i], 0)
	}
	return args
}

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("arith", ptx.Of("arith/arith"), "arith_"+name, shape, args...)
}
