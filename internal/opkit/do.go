package opkit

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Do runs the op once on values, as Gorgonia's machines ask for. It allocates
// its output and scratch at every call; the engine does not go through here.
// A panic in a kernel becomes an error, for the machine runs on a goroutine of
// its own, where a panic would end the process.
func (o op) Do(vs ...gorgonia.Value) (out gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, errors.Errorf("%v: panic: %v", o, r)
		}
	}()
	in, err := o.operands(vs)
	if err != nil {
		return nil, err
	}
	shapes := make([]tensor.Shape, len(in))
	for i, v := range in {
		shapes[i] = v.Shape
	}
	shape, err := o.k.Shape(shapes)
	if err != nil {
		return nil, err
	}
	dst := NewOperand(OutDtype(o.k, in), shape)
	work := make([]float64, WorkspaceOf(o.k, dst.Dtype, shapes))
	if err := Bind(o.k, dst, in, work, nil)(); err != nil {
		return nil, errors.WithMessagef(err, "%T", o.k)
	}
	return dst.Value(), nil
}

// operands returns vs as contiguous row-major memory.
func (o op) operands(vs []gorgonia.Value) ([]Operand, error) {
	ranks, _ := o.k.Ranks()
	if len(vs) != len(ranks) {
		return nil, errors.Wrapf(ErrInput, "%v: %d inputs, want %d", o, len(vs), len(ranks))
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
