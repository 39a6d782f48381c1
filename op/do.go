package op

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Do runs the op once on values, as Gorgonia's machines ask for. It allocates
// its output and scratch at every call; the engine does not go through here.
// A panic in a kernel becomes an error, for the machine runs on a goroutine of
// its own, where a panic would end the process.
func (o node) Do(vs ...gorgonia.Value) (out gorgonia.Value, err error) {
	err = contained(func() error {
		out, err = o.do(vs)
		return err
	})
	if err != nil {
		return nil, errors.WithMessagef(err, "%v", o)
	}
	return out, nil
}

// contained calls f and returns its error. A panic in what an op declares becomes an error too.
func contained(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("panic: %v", r)
		}
	}()
	return f()
}

func (o node) do(vs []gorgonia.Value) (gorgonia.Value, error) {
	s := &o.spec
	if s.Writes != nil {
		return nil, Errorf("it changes its inputs, which the engine runs, and Gorgonia's machines do not")
	}
	in, err := operands(s, vs)
	if err != nil {
		return nil, err
	}
	shapes := shapesOf(in)
	shape, err := s.shape(shapes)
	if err != nil {
		return nil, err
	}
	dst := NewOperand(s.outDtype(in), shape)
	work := make([]float64, s.WorkspaceOf(s.Dtype(dst.Dtype, in), shapes))
	run, err := s.Bind(dst, in, Host{Work: work})
	if err != nil {
		return nil, err
	}
	if err := run(); err != nil {
		return nil, err
	}
	return dst.Value(), nil
}

// operands returns vs as contiguous row-major memory. Gorgonia makes a scalar of a vector
// of one element, which is one again where the op takes vectors.
func operands(s *Spec, vs []gorgonia.Value) ([]Operand, error) {
	if len(vs) != len(s.In) {
		return nil, Errorf("%d inputs, want %d", len(vs), len(s.In))
	}
	in := make([]Operand, len(vs))
	for i, v := range vs {
		x, err := OperandOf(v)
		if err != nil {
			return nil, errors.WithMessagef(err, "input %d", i)
		}
		if rank, fixed := s.In[i].rank(); fixed && len(x.Shape) == 0 {
			x.Shape = slices.Repeat(tensor.Shape{1}, max(rank, 0))
		}
		in[i] = x
	}
	return in, nil
}
