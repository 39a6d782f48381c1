//go:build whitebox_cuda

package redunet

import (
	_ "embed"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed redunet.ptx
var ptx string

// launch is a kernel of redunet.cu.
func launch(a *opkit.DeviceArgs, name string, shape cuda.Shape, args ...cuda.Arg) (opkit.Run, error) {
	return a.Kernel("redunet", ptx, "redunet_"+name, shape, args...)
}

// args are those of a kernel, after the geometry.
func (g geometry) args(more ...cuda.Arg) []cuda.Arg {
	return append([]cuda.Arg{cuda.I(g.blocks), cuda.I(g.n), cuda.I(g.k), cuda.I(g.d)}, more...)
}

// element is the address of element i of what lies at an address.
func element(a *opkit.DeviceArgs, at cuda.Ptr, i int) cuda.Ptr {
	return at + cuda.Ptr(i*int(a.Dtype.Size()))
}

func (k Step) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	g, err := geometryOf(k.Rank, a.Shapes[0], a.Shapes[1])
	if err != nil {
		return nil, err
	}
	return launch(a, "step", cuda.Elements(a.N()), g.args(a.Y(), a.X(0), a.X(1), a.X(2), a.X(3), a.Real(k.Eta))...)
}

func (k stepGradU) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	g, err := geometryOf(k.Of.Rank, a.Shapes[0], a.Shapes[1])
	if err != nil {
		return nil, err
	}
	return launch(a, "step_grad_u", cuda.Elements(a.N()), g.args(a.Y(), a.X(0), a.X(2), a.X(3), a.Real(k.Of.Eta))...)
}

func (k inner) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	g, err := geometryOf(k.Rank, a.Shapes[0], a.Shapes[1])
	if err != nil {
		return nil, err
	}
	return launch(a, "inner", cuda.LongRows(g.n*g.k, g.blocks*g.d), g.args(a.Y(), a.X(0), a.X(1))...)
}

func (k stepGradPi) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, classes := a.Shape[0], a.Shape[1]
	return launch(a, "step_grad_pi", cuda.Elements(n*classes), cuda.I(n), cuda.I(classes), a.Y(), a.X(0), a.X(1), a.Real(k.Eta))
}

func (k stepGradGamma) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, classes := a.Shapes[0][0], a.Shapes[0][1]
	return launch(a, "step_grad_gamma", cuda.Columns(classes), cuda.I(n), cuda.I(classes), a.Y(), a.X(0), a.X(1), a.Real(k.Eta))
}

func (k Membership) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	g := geometryOfMaps(k.Rank, a.Shapes[0])
	var s opkit.Sequence
	s.Add(launch(a, "squares", cuda.LongRows(g.n*g.k, g.blocks*g.d), g.args(a.Y(), a.X(0))...))
	if k.Hard {
		s.Add(launch(a, "one_hot", cuda.Elements(g.n), cuda.I(g.n), cuda.I(g.k), a.Y()))
	} else {
		s.Add(launch(a, "softmin", cuda.Elements(g.n), cuda.I(g.n), cuda.I(g.k), a.Y(), cuda.F64(k.Lambda)))
	}
	return s.Run()
}

// ScratchCUDA is for the factors of the maps.
func (k membershipGrad) ScratchCUDA(_ *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (int, error) {
	return in[1].TotalSize() * int(dt.Size()), nil
}

func (k membershipGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	g, factors := geometryOfMaps(k.Of.Rank, a.Shapes[0]), cuda.P(a.Work)
	var s opkit.Sequence
	s.Add(launch(a, "squares", cuda.LongRows(g.n*g.k, g.blocks*g.d), g.args(factors, a.X(0))...))
	s.Add(launch(a, "factors", cuda.Elements(g.n), cuda.I(g.n), cuda.I(g.k), factors, a.X(1), a.X(2), cuda.F64(k.Of.Lambda)))
	s.Add(launch(a, "membership_grad", cuda.Elements(a.N()), g.args(a.Y(), a.X(0), factors)...))
	return s.Run()
}
