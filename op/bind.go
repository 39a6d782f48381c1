package op

import (
	"gorgonia.org/tensor"
)

// A Host is what a machine gives an op besides its operands. The zero value is one
// goroutine, and no scratch.
type Host struct {
	Work []float64 // as many as Spec.WorkspaceOf says
	host
}

// Bind returns the run of an op on the operands out and in: for those who write a
// machine.
func (s *Spec) Bind(out Operand, in []Operand, h Host) Run {
	if s.Dtype(out.Dtype, in) == tensor.Float32 {
		return s.Kernel.f32(bindArgs[float32](s, out, in, h))
	}
	return s.Kernel.f64(bindArgs[float64](s, out, in, h))
}

// WorkspaceOf returns how many float64 elements of scratch a run needs in a graph of
// dtype dt.
func (s *Spec) WorkspaceOf(dt tensor.Dtype, in []tensor.Shape) int {
	switch {
	case s.Workspace != nil:
		return s.Workspace(in)
	case s.Scratch != nil:
		return (s.Scratch(in)*int(dt.Size()) + 7) / 8
	}
	return 0
}

// Dtype returns the dtype of the operands that are not wide, out being that of the
// output.
func (s *Spec) Dtype(out tensor.Dtype, in []Operand) tensor.Dtype {
	for i, x := range in {
		if !s.In[i].wide() {
			return x.Dtype
		}
	}
	if !s.WideOut && out != (tensor.Dtype{}) {
		return out
	}
	return tensor.Float64
}

// outDtype returns the dtype of the output for the inputs in.
func (s *Spec) outDtype(in []Operand) tensor.Dtype {
	if s.WideOut {
		return tensor.Float64
	}
	return s.Dtype(tensor.Dtype{}, in)
}

func bindArgs[T Float](s *Spec, out Operand, in []Operand, h Host) *Args[T] {
	a := &Args[T]{
		In: make([][]T, len(in)), Shapes: make([]tensor.Shape, len(in)),
		Shape: out.Shape, Work: h.Work, host: h.host,
	}
	if s.Scratch != nil {
		a.Scratch = Slice[T](Bytes(h.Work))
	}
	for i, x := range in {
		a.Shapes[i] = x.Shape
		if s.In[i].wide() {
			if a.WideIn == nil {
				a.WideIn = make([][]float64, len(in))
			}
			a.WideIn[i] = Slice[float64](x.Bytes)
		} else {
			a.In[i] = Slice[T](x.Bytes)
		}
	}
	if s.WideOut {
		a.WideOut = Slice[float64](out.Bytes)
	} else {
		a.Out = Slice[T](out.Bytes)
	}
	return a
}
