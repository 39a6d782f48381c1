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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
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

// Binary is the kernel of z = x ∘ y.
type Binary struct {
	Op   Operator
	Form Form
	Rank int // of x; 2 unless Form is Same
}

var _ opkit.Differentiable = Binary{}

func (k Binary) Ranks() (in []int, out int) {
	if k.Form == Same {
		return []int{k.Rank, k.Rank}, k.Rank
	}
	return []int{k.Rank, 1}, k.Rank
}

func (k Binary) Shape(in []tensor.Shape) (tensor.Shape, error) {
	x, y := in[0], in[1]
	switch k.Form {
	case Row:
		if x[1] != y[0] {
			return nil, errors.Wrapf(opkit.ErrInput, "arith: the rows of x, %v, have length %d but y has %d", x, x[1], y[0])
		}
	case Col:
		if x[0] != y[0] {
			return nil, errors.Wrapf(opkit.ErrInput, "arith: the columns of x, %v, have length %d but y has %d", x, x[0], y[0])
		}
	default:
		if !x.Eq(y) {
			return nil, errors.Wrapf(opkit.ErrInput, "arith: x is %v but y is %v", x, y)
		}
	}
	return x.Clone(), nil
}

func (Binary) Wrt() []bool                   { return []bool{true, true} }
func (Binary) InPlace() int                  { return 0 }
func (Binary) FLOPs(in []tensor.Shape) int64 { return int64(in[0].TotalSize()) }

func (k Binary) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, dy := dout, dout
	var err error
	if k.Op == Mul {
		if dx, err = opkit.Apply(k, dout, in[1]); err != nil {
			return nil, err
		}
	}
	switch {
	case k.Form == Same && k.Op == Mul:
		dy, err = opkit.Apply(k, dout, in[0])
	case k.Form == Same && k.Op == Sub:
		dy, err = opkit.Apply(Scale{C: -1, Rank: k.Rank}, dout)
	case k.Form != Same && k.Op == Mul:
		dy, err = opkit.Apply(productSum{Form: k.Form}, dout, in[0])
	case k.Form != Same:
		dy, err = opkit.Apply(sum{Form: k.Form, Negate: k.Op == Sub}, dout)
	}
	return gorgonia.Nodes{dx, dy}, err
}

func (k Binary) Bind32(a *opkit.Args[float32]) opkit.Run { return bindBinary(k, a) }
func (k Binary) Bind64(a *opkit.Args[float64]) opkit.Run { return bindBinary(k, a) }

// Scale is the kernel of z = c·x for x of any rank.
type Scale struct {
	C    float64
	Rank int
}

var _ opkit.Differentiable = Scale{}

func (k Scale) Ranks() (in []int, out int)                  { return []int{k.Rank}, k.Rank }
func (Scale) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (Scale) Wrt() []bool                                   { return []bool{true} }
func (Scale) InPlace() int                                  { return 0 }
func (Scale) FLOPs(in []tensor.Shape) int64                 { return int64(in[0].TotalSize()) }
func (k Scale) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindScale(k, a) }
func (k Scale) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindScale(k, a) }

func (k Scale) Grad(_ gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(k, dout)
	return gorgonia.Nodes{dx}, err
}

// sum is the kernel of ±Σ D (n×d) over the rows for a Row (out d), over the
// columns for a Col (out n).
type sum struct {
	Form   Form
	Negate bool
}

func (sum) Ranks() (in []int, out int)                      { return []int{2}, 1 }
func (k sum) Shape(in []tensor.Shape) (tensor.Shape, error) { return reduced(k.Form, in[0]), nil }
func (k sum) Workspace(in []tensor.Shape) int               { return in[0][1] }
func (k sum) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindSum(k, a) }
func (k sum) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindSum(k, a) }

// productSum is the kernel of Σ D ⊙ x, as sum.
type productSum struct{ Form Form }

func (productSum) Ranks() (in []int, out int) { return []int{2, 2}, 1 }
func (k productSum) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return reduced(k.Form, in[0]), nil
}
func (k productSum) Workspace(in []tensor.Shape) int         { return in[0][1] }
func (k productSum) Bind32(a *opkit.Args[float32]) opkit.Run { return bindProductSum(k, a) }
func (k productSum) Bind64(a *opkit.Args[float64]) opkit.Run { return bindProductSum(k, a) }

// reduced returns the shape of y for x of the given shape.
func reduced(f Form, x tensor.Shape) tensor.Shape {
	if f == Row {
		return tensor.Shape{x[1]}
	}
	return tensor.Shape{x[0]}
}
