package op

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Do runs the op once on values, as Gorgonia's machines ask for. It allocates
// its output and scratch at every call; the engine does not go through here.
// A panic in a kernel becomes an error, for the machine runs on a goroutine of
// its own, where a panic would end the process.
func (o node) Do(vs ...gorgonia.Value) (out gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, errors.Errorf("%v: panic: %v", o, r)
		}
	}()
	s := &o.spec
	if s.Writes != nil {
		return nil, Errorf("%v changes its inputs, which the engine runs, and Gorgonia's machines do not", o)
	}
	in, err := operands(o, s, vs)
	if err != nil {
		return nil, err
	}
	shapes := make([]tensor.Shape, len(in))
	for i, v := range in {
		shapes[i] = v.Shape
	}
	shape, err := s.shape(shapes)
	if err != nil {
		return nil, err
	}
	dst := NewOperand(s.outDtype(in), shape)
	work := make([]float64, s.WorkspaceOf(s.Dtype(dst.Dtype, in), shapes))
	if err := s.Bind(dst, in, Host{Work: work})(); err != nil {
		return nil, errors.WithMessage(err, Name(o.k))
	}
	return dst.Value(), nil
}

// operands returns vs as contiguous row-major memory.
func operands(o node, s *Spec, vs []gorgonia.Value) ([]Operand, error) {
	if len(vs) != len(s.In) {
		return nil, Errorf("%v: %d inputs, want %d", o, len(vs), len(s.In))
	}
	in := make([]Operand, len(vs))
	for i, v := range vs {
		x, err := OperandOf(v)
		if err != nil {
			return nil, errors.WithMessagef(err, "%v: input %d", o, i)
		}
		in[i] = x
	}
	return in, nil
}
