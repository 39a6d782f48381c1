package op

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op/launch"
)

// A Function is a differentiable function of one number. Value and Slope define it,
// in float64; a graph of float32 rounds once.
type Function struct {
	Value func(x float64) float64 // f
	Slope func(v float64) float64 // f′ at x = v or, OfOutput, where f(x) = v

	// OfOutput says that Slope is of the output: then x may be freed, or written over,
	// in the forward pass.
	OfOutput bool

	Fast      Unary  // out = f(x) on slices, where that is faster than Value
	FastSlope Binary // out = dout · f′(v) on slices, likewise; called with (out, v, dout)

	// PTX has the kernels <Name>_value and <Name>_slope, which POINTWISE in device.cuh makes. If PTX is empty, the
	// function runs only on the host.
	Name, PTX string
	Numbers   []float64 // what the kernels take besides: the attributes
	FLOPs     int64     // of an element
}

// A Unary is a function of slices in both dtypes: op.Slices(f, f).
type Unary struct {
	f32 func(out, x []float32)
	f64 func(out, x []float64)
}

// Slices returns the Unary of one generic function.
func Slices(f32 func(out, x []float32), f64 func(out, x []float64)) Unary { return Unary{f32, f64} }

// A Binary is a function of slices in both dtypes: op.Slices2(f, f).
type Binary struct {
	f32 func(out, x, y []float32)
	f64 func(out, x, y []float64)
}

// Slices2 returns the Binary of one generic function.
func Slices2(f32 func(out, x, y []float32), f64 func(out, x, y []float64)) Binary {
	return Binary{f32, f64}
}

// Pointwise returns the Spec of y[i] = f(x[i]), for x of any rank, with its gradient
//
//	∂L/∂x[i] = ∂L/∂y[i] · f′(x[i])
//
// which is a fused op too. k is the op whose Spec it is.
func Pointwise(k Op, f Function) Spec {
	s := Spec{
		In: []Input{Any}, InPlace: Take(0), FLOPs: perElement(f.FLOPs), function: &f,
		Kernel: Both(&f, bindValue, bindValue),
	}
	if f.Slope != nil {
		s.Grad = func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			if f.OfOutput {
				return gorgonia.Nodes{Must(Apply(Slope{k}, dout, out))}
			}
			return gorgonia.Nodes{Must(Apply(Slope{k}, dout, in[0]))}
		}
	}
	if f.PTX != "" {
		s.Device = func(a *DeviceArgs) (Run, error) { return f.launch(a, "_value", a.X(0)) }
	}
	return s
}

// Slope is the gradient of a Pointwise: inputs D and x, or y if the function says
// OfOutput, output D·f′.
type Slope struct{ Of Op }

// Spec implements Op.
func (k Slope) Spec() Spec {
	var f *Function
	if k.Of != nil {
		f = k.Of.Spec().function
	}
	if f == nil {
		return Spec{} // Apply says that it declares nothing
	}
	s := Spec{
		In: []Input{Any, Any}, InPlace: Take(0), FLOPs: perElement(f.FLOPs + 1), Kernel: Both(f, bindSlope, bindSlope),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if !in[0].Eq(in[1]) {
				return nil, Errorf("slope of %s: the gradient is %v but the operand %v", Name(k.Of), in[0], in[1])
			}
			return in[0].Clone(), nil
		},
	}
	if f.PTX != "" {
		s.Device = func(a *DeviceArgs) (Run, error) { return f.launch(a, "_slope", a.X(0), a.X(1)) }
	}
	return s
}

func (f *Function) launch(a *DeviceArgs, kernel string, in ...launch.Arg) (Run, error) {
	args := append([]launch.Arg{launch.I(a.N()), a.Y()}, in...)
	for _, v := range f.Numbers {
		args = append(args, launch.F64(v))
	}
	return a.Kernel(f.Name, f.PTX, f.Name+kernel, launch.Elements(a.N()), args...)
}

// Fast is called per chunk of slices; without it the loop calls Value per element.
func bindValue[T Float](f *Function, a *Args[T]) Run {
	out, x, value := a.Out, a.In[0], f.Value
	if fast := unary[T](f.Fast); fast != nil {
		return a.Each(func(lo, hi int) { fast(out[lo:hi], x[lo:hi]) })
	}
	return a.Each(func(lo, hi int) {
		x, out := x[lo:hi], out[lo:hi]
		for i, v := range x {
			out[i] = T(value(float64(v)))
		}
	})
}

func bindSlope[T Float](f *Function, a *Args[T]) Run {
	out, dout, v, slope := a.Out, a.In[0], a.In[1], f.Slope
	if fast := binary[T](f.FastSlope); fast != nil {
		return a.Each(func(lo, hi int) { fast(out[lo:hi], v[lo:hi], dout[lo:hi]) })
	}
	return a.Each(func(lo, hi int) {
		v, dout, out := v[lo:hi], dout[lo:hi], out[lo:hi]
		for i, d := range dout {
			out[i] = T(float64(d) * slope(float64(v[i])))
		}
	})
}

// unary returns the function of one dtype, nil if there is none.
func unary[T Float](u Unary) func(out, x []T) {
	var f any = u.f32
	if _, double := any(T(0)).(float64); double {
		f = u.f64
	}
	return f.(func(out, x []T))
}

func binary[T Float](b Binary) func(out, x, y []T) {
	var f any = b.f32
	if _, double := any(T(0)).(float64); double {
		f = b.f64
	}
	return f.(func(out, x, y []T))
}
