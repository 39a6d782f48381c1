// Package arith is sums, differences, products and quotients, element by element.
//
//	z = x + y        z = x − y        z = x ⊙ y        z = x / y        z = c·x
//
// # Method
//
// Operands meet as in NumPy: their shapes are aligned at the last axis, axes that are
// missing count as 1, and an operand is repeated along an axis where its size is 1. It
// is read again and not copied: axes along which all operands advance alike are taken
// together, and rows of what remains are added to rows, or to a number.
//
// # Gradient
//
// With D = ∂L/∂z, and Σ over the axes that an operand was repeated along,
//
//	x + y:  ∂x = Σ D        ∂y = Σ D
//	x − y:  ∂x = Σ D        ∂y = −Σ D
//	x ⊙ y:  ∂x = Σ D ⊙ y    ∂y = Σ D ⊙ x
//	x / y:  ∂x = Σ D / y    ∂y = −Σ D/y ⊙ z
//	c·x:    ∂x = c·D
//
// ∂x = D is D's own node where x is repeated along no axis: nothing is computed. The sums
// are fused with their products, and taken in float64.
//
// # Numerics
//
// One rounding an element. Two numbers read and one written for each flop: bound
// by memory.
package arith

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Operator is what is done to two elements.
type Operator int

// The operators.
const (
	Add Operator = iota
	Sub
	Mul
	Div
)

// Binary is the op of z = x ∘ y.
type Binary struct {
	Op Operator
}

// Spec implements op.Op.
func (k Binary) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Any},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindBinary, bindBinary),
		Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return together(in[0], in[1]) },
		Grad:    k.grad,
		FLOPs: func(in []tensor.Shape) int64 {
			out, err := together(in[0], in[1])
			if err != nil {
				return 0
			}
			return int64(op.Operand{Shape: out}.Size())
		},
		Device: k.device,
	}
}

func (k Binary) grad(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
	x, y := in[0], in[1]
	switch k.Op {
	case Mul:
		return gorgonia.Nodes{product(dout, y, x), product(dout, x, y)}
	case Div:
		dx := op.Must(op.Apply(Binary{Op: Div}, dout, y))
		return gorgonia.Nodes{sumTo(dx, x, false), negated(product(dx, out, y))}
	}
	return gorgonia.Nodes{sumTo(dout, x, false), sumTo(dout, y, k.Op == Sub)}
}

// product returns Σ D ⊙ other in the shape of like.
func product(dout, other, like *gorgonia.Node) *gorgonia.Node {
	if like.Shape().Eq(dout.Shape()) {
		return op.Must(op.Apply(Binary{Op: Mul}, dout, other))
	}
	return op.Must(op.Apply(fold{To: sizesOf(like.Shape()), Product: true}, dout, other))
}

// sumTo returns ±Σ D in the shape of like.
func sumTo(dout, like *gorgonia.Node, negate bool) *gorgonia.Node {
	switch {
	case !like.Shape().Eq(dout.Shape()):
		return op.Must(op.Apply(fold{To: sizesOf(like.Shape()), Negate: negate}, dout))
	case negate:
		return negated(dout)
	}
	return dout
}

func negated(x *gorgonia.Node) *gorgonia.Node { return op.Must(op.Apply(Scale{C: -1}, x)) }

// Scale is the op of z = c·x for x of any rank.
type Scale struct {
	C float64
}

// Spec implements op.Op.
func (k Scale) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindScale, bindScale),
		Grad: func(_ gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(k, dout))}
		},
		FLOPs: op.Elements,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("arith", ptx.Of("arith/arith"), "arith_scale", launch.Elements(a.N()), launch.I(a.N()),
				a.Y(), a.X(0), a.Real(k.C))
		},
	}
}

// fold is the op of ±Σ D, or of Σ D ⊙ w, over the axes along which a tensor of shape To
// is repeated to meet D: inputs D and, for a product, w, which meets D by broadcasting.
type fold struct {
	To      dims
	Product bool
	Negate  bool
}

func (k fold) Spec() op.Spec {
	in := []op.Input{op.Any}
	if k.Product {
		in = append(in, op.Any)
	}
	return op.Spec{
		In:        in,
		Kernel:    op.Both(k, bindFold, bindFold),
		Shape:     func([]tensor.Shape) (tensor.Shape, error) { return k.To.shape(), nil },
		Workspace: func([]tensor.Shape) int { return op.Operand{Shape: k.To.shape()}.Size() },
		FLOPs:     op.Elements,
		Device:    k.device,
	}
}
