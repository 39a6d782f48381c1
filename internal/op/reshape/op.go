// Package reshape is the same elements in another shape.
//
// # Method
//
// The engine lets the output take the input's memory where no op reads the input again; elsewhere it is a copy.
// Gorgonia's own Reshape always aliases, and an op that works in place then overwrites the original.
//
// # Gradient
//
// ∂L/∂x is ∂L/∂out in the shape of x.
package reshape

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// MaxRank is the highest rank of a tensor.
const MaxRank = 5

// Reshape is the op that gives x of any rank the shape To, up to the first negative
// number.
type Reshape struct{ To [MaxRank]int }

// New returns the op for a shape.
func New(shape []int) (Reshape, error) {
	if len(shape) > MaxRank || len(shape) == 0 {
		return Reshape{}, op.Errorf("reshape: to %v, want from 1 to %d dimensions", shape, MaxRank)
	}
	k := Reshape{}
	for i := range k.To {
		if k.To[i] = -1; i < len(shape) {
			k.To[i] = shape[i]
		}
	}
	for _, size := range shape {
		if size < 0 {
			return Reshape{}, op.Errorf("reshape: to %v, want no size below 0", shape)
		}
	}
	return k, nil
}

// Spec implements op.Op.
func (k Reshape) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bind, bind),
		Shape:   k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(back(dout, in[0].Shape()))}
		},
		Device: k.device,
	}
}

// back gives D the shape that x has.
func back(dout *gorgonia.Node, shape tensor.Shape) (*gorgonia.Node, error) {
	k, err := New(shape)
	if err != nil {
		return nil, err
	}
	return op.Apply(k, dout)
}

func (k Reshape) shape(in []tensor.Shape) (tensor.Shape, error) {
	to := tensor.Shape(k.To[:]).Clone()
	if i := slices.IndexFunc(to, func(size int) bool { return size < 0 }); i >= 0 {
		to = to[:i]
	}
	if to.TotalSize() != in[0].TotalSize() {
		return nil, op.Errorf("reshape: %v has %d elements but %v has %d", in[0], in[0].TotalSize(), to, to.TotalSize())
	}
	return to, nil
}
