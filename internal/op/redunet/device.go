package redunet

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// kernel is a kernel of redunet.cu.
func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("redunet", ptx.Of("redunet/redunet"), "redunet_"+name, shape, args...)
}

// args are those of a kernel, after the geometry.
func (g geometry) args(more ...launch.Arg) []launch.Arg {
	return append([]launch.Arg{launch.I(g.blocks), launch.I(g.n), launch.I(g.k), launch.I(g.d)}, more...)
}

// element is the address of element i of what lies at an address.
func element(a *op.DeviceArgs, at launch.Ptr, i int) launch.Ptr {
	return at + launch.Ptr(i*int(a.Dtype.Size()))
}

func (k Step) device(a *op.DeviceArgs) (op.Run, error) {
	g, err := geometryOf(a.Shapes[0], a.Shapes[1])
	if err != nil {
		return nil, err
	}
	return kernel(a, "step", launch.Elements(a.N()), g.args(a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), a.Real(k.Eta))...)
}

func (k stepGradU) device(a *op.DeviceArgs) (op.Run, error) {
	g, err := geometryOf(a.Shapes[0], a.Shapes[1])
	if err != nil {
		return nil, err
	}
	return kernel(a, "step_grad_u", launch.Elements(a.N()), g.args(a.Y(), a.X(0), a.X(2), a.X(3), a.Real(k.Of.Eta))...)
}

func (k inner) device(a *op.DeviceArgs) (op.Run, error) {
	g, err := geometryOf(a.Shapes[0], a.Shapes[1])
	if err != nil {
		return nil, err
	}
	return kernel(a, "inner", launch.LongRows(g.n*g.k, g.blocks*g.d), g.args(a.Y(), a.X(0), a.X(1))...)
}

func (k stepGradPi) device(a *op.DeviceArgs) (op.Run, error) {
	n, classes := a.Shape[0], a.Shape[1]
	return kernel(a, "step_grad_pi", launch.Elements(n*classes), launch.I(n), launch.I(classes), a.Y(), a.X(0), a.X(1),
		a.Real(k.Eta))
}

func (k stepGradGamma) device(a *op.DeviceArgs) (op.Run, error) {
	n, classes := a.Shapes[0][0], a.Shapes[0][1]
	return kernel(a, "step_grad_gamma", launch.Columns(classes), launch.I(n), launch.I(classes), a.Y(), a.X(0), a.X(1),
		a.Real(k.Eta))
}

func (k Membership) device(a *op.DeviceArgs) (op.Run, error) {
	g := geometryOfMaps(a.Shapes[0])
	var s op.Sequence
	s.Add(kernel(a, "squares", launch.LongRows(g.n*g.k, g.blocks*g.d), g.args(a.Y(), a.X(0))...))
	if k.Hard {
		s.Add(kernel(a, "one_hot", launch.Elements(g.n), launch.I(g.n), launch.I(g.k), a.Y()))
	} else {
		s.Add(kernel(a, "softmin", launch.Elements(g.n), launch.I(g.n), launch.I(g.k), a.Y(), launch.F64(k.Lambda)))
	}
	return s.Run()
}

func (k membershipGrad) device(a *op.DeviceArgs) (op.Run, error) {
	g, factors := geometryOfMaps(a.Shapes[0]), launch.P(a.Work)
	var s op.Sequence
	s.Add(kernel(a, "squares", launch.LongRows(g.n*g.k, g.blocks*g.d), g.args(factors, a.X(0))...))
	s.Add(kernel(a, "factors", launch.Elements(g.n), launch.I(g.n), launch.I(g.k), factors, a.X(1), a.X(2),
		launch.F64(k.Of.Lambda)))
	s.Add(kernel(a, "membership_grad", launch.Elements(a.N()), g.args(a.Y(), a.X(0), factors)...))
	return s.Run()
}
