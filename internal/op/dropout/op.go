// Package dropout sets random elements to zero.
//
//	yᵢ = xᵢ / (1 − p)  with probability 1 − p, else 0
//
// # Method
//
// Whether element i is kept at step t is a pure function of (stream, t, i): a
// counter-based generator. So no mask is stored, no generator has a state, the
// result does not depend on the number of workers, and a resumed run draws what
// the first would have. The function is two rounds of the finaliser of SplitMix64
// [2], a bijection of 64 bits, on the stream and the step and then on the
// element; its upper 53 bits are compared with p.
//
// # Gradient
//
// ∂L/∂x is the same kernel, of the same stream and step, applied to ∂L/∂y.
//
// # Numerics
//
// Exact but for one rounding. Some ten integer operations an element: bound by
// arithmetic.
//
// # References
//
//  1. Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov. Dropout: a simple
//     way to prevent neural networks from overfitting. JMLR 2014.
//  2. Steele, Lea, Flood. Fast splittable pseudorandom number generators. OOPSLA
//     2014.
package dropout

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Dropout is the op of y: inputs x of any rank and the number of the step
// (a wide vector of length 1), output as x.
type Dropout struct {
	Rate   float64 // p, from 0 to 1, 1 excluded
	Stream uint64  // one of its own for each layer and seed
}

// Spec implements op.Op.
func (k Dropout) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Wide(1)},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bind, bind),
		Shape:   k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(k, dout, in[1])), nil}
		},
		Wrt:    []bool{true, false},
		Device: k.device,
	}
}

func (k Dropout) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Rate >= 0 && k.Rate < 1) {
		return nil, op.Errorf("dropout: rate is %v, want it from 0 to 1, 1 excluded", k.Rate)
	}
	if in[1][0] != 1 {
		return nil, op.Errorf("dropout: the step has shape %v, want length 1", in[1])
	}
	return in[0].Clone(), nil
}
