package op

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Host holds what a machine gives an op besides its operands. The zero value is one goroutine and no scratch
// memory.
type Host struct {
	Work []float64 // as many as Spec.WorkspaceOf says
	host
}

// Bind returns the run of an op on the operands out and in. It is for authors of machines. Errors: operands that the
// op has not declared, or whose memory is of another length than their shape says; too little scratch; no kernel.
func (s *Spec) Bind(out Operand, in []Operand, h Host) (run Run, err error) {
	if err := s.fits(out, in); err != nil {
		return nil, err
	}
	dt, shapes := s.Dtype(out.Dtype, in), shapesOf(in)
	err = contained(func() error {
		if n := s.WorkspaceOf(dt, shapes); len(h.Work) < n {
			return Errorf("op: bind: scratch of %d numbers, want %d", len(h.Work), n)
		}
		switch {
		case dt == tensor.Float32 && s.Kernel.f32 != nil:
			run = s.Kernel.f32(bindArgs[float32](s, out, in, h))
		case dt == tensor.Float64 && s.Kernel.f64 != nil:
			run = s.Kernel.f64(bindArgs[float64](s, out, in, h))
		}
		if run == nil {
			return Errorf("op: bind: no kernel for %v: set Kernel with Both", dt)
		}
		return nil
	})
	return run, err
}

// fits reports operands that are not those that the op has declared.
func (s *Spec) fits(out Operand, in []Operand) error {
	switch {
	case s == nil:
		return Errorf("op: bind: no spec")
	case len(in) != len(s.In):
		return Errorf("op: bind: %d inputs, want %d", len(in), len(s.In))
	}
	if err := out.whole(); err != nil {
		return errors.WithMessage(err, "op: bind: the output")
	}
	dt := s.Dtype(out.Dtype, in)
	for i, x := range in {
		want := dt
		if s.In[i].isWide() {
			want = tensor.Float64
		}
		if err := x.whole(); err != nil {
			return errors.WithMessagef(err, "op: bind: input %d", i)
		}
		if rank, fixed := s.In[i].rank(); x.Dtype != want || fixed && len(x.Shape) != rank {
			return Errorf("op: bind: input %d is %v of shape %v, want %v of rank %d", i, x.Dtype, x.Shape, want, rank)
		}
	}
	if s.WideOut {
		dt = tensor.Float64
	}
	if out.Dtype != dt {
		return Errorf("op: bind: the output is %v, want %v", out.Dtype, dt)
	}
	return nil
}

func shapesOf(in []Operand) []tensor.Shape {
	shapes := make([]tensor.Shape, len(in))
	for i, x := range in {
		shapes[i] = x.Shape
	}
	return shapes
}

// WorkspaceOf returns how many float64 elements of scratch a run needs in a graph of
// dtype dt.
func (s *Spec) WorkspaceOf(dt tensor.Dtype, in []tensor.Shape) int {
	switch {
	case s == nil:
	case s.Workspace != nil:
		return s.Workspace(in)
	case s.Scratch != nil:
		return (s.Scratch(in)*width(dt) + 7) / 8
	}
	return 0
}

// Dtype returns the dtype of the operands that are not wide, out being that of the
// output.
func (s *Spec) Dtype(out tensor.Dtype, in []Operand) tensor.Dtype {
	if s == nil {
		return out
	}
	for i, x := range in {
		if i < len(s.In) && !s.In[i].isWide() {
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
		if s.In[i].isWide() {
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
