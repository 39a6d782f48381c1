package op

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op/launch"
)

// A Formula is a differentiable function of up to four numbers, which Value and Partials define in float64; a graph
// of float32 rounds once. Arguments without an operand are 0.
type Formula struct {
	Value    func(x, p, q, r float64) float64
	Partials []func(x, p, q, r float64) float64 // by x, by p, …: one for each operand

	// Fast are out = f(x, p) on slices, for a formula of two operands, Fast3 out = f(x, p,
	// q) for one of three, and FastPartials are out = dout · ∂f, called with (out, dout, x,
	// p), for such as need no other operand. They are called where no operand that they take
	// is a number; Fast3 where all have one shape. One of FastPartials may be the zero value.
	Fast         Binary
	Fast3        Ternary
	FastPartials []Ternary

	// PTX has the kernels that ELEMENTWISE in device.cuh makes, <Name>_value and others. If PTX is empty, the formula
	// runs only on the host.
	Name, PTX string
	Numbers   []float64 // what the kernels take besides: the attributes
	FLOPs     int64     // of an element
}

// A Ternary is a function of slices in both dtypes: op.Slices3(f, f).
type Ternary struct {
	f32 func(out, x, y, z []float32)
	f64 func(out, x, y, z []float64)
}

// Slices3 returns the Ternary of one generic function.
func Slices3(f32 func(out, x, y, z []float32), f64 func(out, x, y, z []float64)) Ternary {
	return Ternary{f32, f64}
}

// Elementwise returns the Spec of y[i] = f(x[i], p[i], …), with its gradients. Each
// operand after the first has the first's shape, or is a vector that meets every row
// of it, or one number; what was repeated is summed in the gradient, in float64 and in
// a fixed order. k is the op whose Spec it is.
func Elementwise(k Op, f Formula) Spec {
	s := Spec{
		FLOPs: perElement(f.FLOPs), formula: &f, Kernel: Both(&f, bindFormula, bindFormula), InPlace: Take(0),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			for i, p := range in {
				if formOf(in[0], p) == unlike {
					return nil, Errorf(
						"%s: operand %d is %v but operand 0 is %v: want that shape, a vector of length %d or of 1",
						Name(k), i, p, in[0], last(in[0]))
				}
			}
			return in[0].Clone(), nil
		},
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) (grads gorgonia.Nodes) {
			for i := range in {
				grads = append(grads, Must(Apply(Partial{k, i}, append(gorgonia.Nodes{dout}, in...)...)))
			}
			return grads
		},
	}
	if f.PTX != "" {
		s.Device = func(a *DeviceArgs) (Run, error) {
			return f.launch(a, "_value", launch.Elements(a.N()), a.Y(), a.In, a.Shapes)
		}
	}
	for range f.Partials {
		s.In = append(s.In, Any)
	}
	return s
}

// Partial is the gradient of an Elementwise by operand I: inputs D and the operands.
type Partial struct {
	Of Op
	I  int
}

// Spec implements Op.
func (k Partial) Spec() Spec {
	if k.Of == nil || k.Of.Spec().formula == nil || k.I < 0 || k.I >= len(k.Of.Spec().In) {
		return Spec{} // Apply says that it declares nothing
	}
	of := k.Of.Spec()
	f := of.formula
	s := Spec{
		In: append([]Input{Any}, of.In...), FLOPs: of.FLOPs,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			out, err := of.Shape(in[1:])
			if err == nil && !in[0].Eq(out) {
				err = Errorf("gradient of %s: the upstream one is %v, want %v", Name(k.Of), in[0], out)
			}
			if err != nil {
				return nil, err
			}
			return in[1+k.I].Clone(), nil
		},
		Workspace: func(in []tensor.Shape) int { return sumsOf(in[0], in[1+k.I]) },
		Kernel:    Both(partial{f, k.I}, bindPartial, bindPartial),
	}
	if f.PTX != "" {
		s.Device = func(a *DeviceArgs) (Run, error) { return f.launchPartial(a, k.I) }
		s.DeviceScratch = func(a *DeviceArgs) (int, error) {
			return 8 * launch.Parts(Operand{Shape: a.Shapes[0]}.Size()).Blocks, nil
		}
	}
	return s
}

func (f *Formula) launchPartial(a *DeviceArgs, i int) (Run, error) {
	x := a.Shapes[0]
	n, d := Operand{Shape: x}.Size(), last(x)
	by := []launch.Arg{launch.P(a.In[0]), launch.I(i)}
	switch formOf(x, a.Shapes[1+i]) {
	case whole:
		return f.launch(a, "_partial", launch.Elements(n), a.Y(), a.In[1:], a.Shapes[1:], by...)
	case vector:
		return f.launch(a, "_columns", launch.Columns(d), a.Y(), a.In[1:], a.Shapes[1:], by...)
	}
	var s Sequence
	parts := launch.Parts(n)
	s.Add(f.launch(a, "_parts", parts, launch.P(a.Work), a.In[1:], a.Shapes[1:], by...))
	s.Add(a.Kernel(f.Name, f.PTX, f.Name+"_finish", launch.One(), launch.I(parts.Blocks), a.Y(), launch.P(a.Work)))
	return s.Run()
}

// launch is a kernel of ELEMENTWISE: n, d, out, the four operands and their forms, what
// comes in besides, and the attributes.
func (f *Formula) launch(
	a *DeviceArgs, kernel string, shape launch.Shape, out launch.Arg, in []launch.Ptr, shapes []tensor.Shape,
	more ...launch.Arg,
) (Run, error) {
	x := shapes[0]
	args := []launch.Arg{launch.I(Operand{Shape: x}.Size()), launch.I(last(x)), out}
	var at, forms [4]launch.Arg
	for i := range at {
		at[i], forms[i] = launch.P(0), launch.I(int(unlike))
		if i < len(in) {
			at[i], forms[i] = launch.P(in[i]), launch.I(int(formOf(x, shapes[i])))
		}
	}
	args = append(append(args, at[:]...), forms[1:]...)
	args = append(args, more...)
	for _, v := range f.Numbers {
		args = append(args, launch.F64(v))
	}
	return a.Kernel(f.Name, f.PTX, f.Name+kernel, shape, args...)
}
