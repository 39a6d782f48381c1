// Package arith is sums, differences and products, element by element.
//
//	z = x + y        z = x − y        z = x ⊙ y        z = c·x
//
// where y has the shape of x, or is a row that meets every row of x, or a column
// that meets every column.
//
// # Gradient
//
// With D = ∂L/∂z, and Σ over the axis that y was repeated along,
//
//	x + y:  ∂x = D        ∂y = Σ D
//	x − y:  ∂x = D        ∂y = −Σ D
//	x ⊙ y:  ∂x = D ⊙ y    ∂y = Σ D ⊙ x
//	c·x:    ∂x = c·D
//
// ∂x = D is D's own node: nothing is computed. The sums are fused with their
// products, and taken in float64.
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
)

// Form is how the second operand meets the first.
type Form int

// The forms.
const (
	Same Form = iota // y has x's shape, of any rank
	Row              // x is n×d, y is d: zᵢⱼ = xᵢⱼ ∘ yⱼ
	Col              // x is n×d, y is n: zᵢⱼ = xᵢⱼ ∘ yᵢ
)

// Binary is the op of z = x ∘ y.
type Binary struct {
	Op   Operator
	Form Form
}

// Spec implements op.Op.
func (k Binary) Spec() op.Spec {
	return op.Spec{
		In:      k.inputs(),
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindBinary, bindBinary),
		Shape:   k.shape,
		Grad:    k.grad,
		FLOPs:   op.Elements,
		Device:  k.device,
	}
}

// inputs returns two of one shape, of any rank, or a matrix and a vector.
func (k Binary) inputs() []op.Input {
	if k.Form == Same {
		return []op.Input{op.Any, op.Any}
	}
	return []op.Input{2, 1}
}

func (k Binary) shape(in []tensor.Shape) (tensor.Shape, error) {
	x, y := in[0], in[1]
	switch k.Form {
	case Row:
		if x[1] != y[0] {
			return nil, op.Errorf("arith: the rows of x, %v, have length %d but y has %d", x, x[1], y[0])
		}
	case Col:
		if x[0] != y[0] {
			return nil, op.Errorf("arith: the columns of x, %v, have length %d but y has %d", x, x[0], y[0])
		}
	default:
		if !x.Eq(y) {
			return nil, op.Errorf("arith: x is %v but y is %v", x, y)
		}
	}
	return x.Clone(), nil
}

func (k Binary) grad(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
	dx, dy := dout, dout
	if k.Op == Mul {
		dx = op.Must(op.Apply(k, dout, in[1]))
	}
	switch {
	case k.Form == Same && k.Op == Mul:
		dy = op.Must(op.Apply(k, dout, in[0]))
	case k.Form == Same && k.Op == Sub:
		dy = op.Must(op.Apply(Scale{C: -1}, dout))
	case k.Form != Same && k.Op == Mul:
		dy = op.Must(op.Apply(productSum{Form: k.Form}, dout, in[0]))
	case k.Form != Same:
		dy = op.Must(op.Apply(sum{Form: k.Form, Negate: k.Op == Sub}, dout))
	}
	return gorgonia.Nodes{dx, dy}
}

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

// sum is the op of ±Σ D (n×d) over the rows for a Row (out d), over the
// columns for a Col (out n).
type sum struct {
	Form   Form
	Negate bool
}

func (k sum) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{2},
		Kernel:    op.Both(k, bindSum, bindSum),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return reduced(k.Form, in[0]), nil },
		Workspace: func(in []tensor.Shape) int { return in[0][1] },
		Device:    k.device,
	}
}

// productSum is the op of Σ D ⊙ x, as sum.
type productSum struct{ Form Form }

func (k productSum) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{2, 2},
		Kernel:    op.Both(k, bindProductSum, bindProductSum),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return reduced(k.Form, in[0]), nil },
		Workspace: func(in []tensor.Shape) int { return in[0][1] },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return reduction(a, k.Form, "arith_product", a.X(0), a.X(1))
		},
	}
}

// reduced returns the shape of y for x of the given shape.
func reduced(f Form, x tensor.Shape) tensor.Shape {
	if f == Row {
		return tensor.Shape{x[1]}
	}
	return tensor.Shape{x[0]}
}
