package nn

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/arith"
	"github.com/whitebox-nn/whitebox/internal/op/gate"
	"github.com/whitebox-nn/whitebox/op"
)

// Add returns x + y.
//
// Shapes: those of x and y are broadcast as in NumPy: aligned at the last axis, a missing axis counts as one of size
// 1, and an operand is repeated along an axis of size 1. Nothing is copied for that; the gradient is summed over the
// repetitions. Differentiable in both. Errors: sizes that are different and not 1 (ErrInput).
func Add(x, y *gorgonia.Node) (*gorgonia.Node, error) { return binary(arith.Add, x, y) }

// Sub returns x − y. Shapes, errors: as Add. Differentiable in both.
func Sub(x, y *gorgonia.Node) (*gorgonia.Node, error) { return binary(arith.Sub, x, y) }

// Mul returns x ⊙ y, element by element; see MatMul for the matrix product. Shapes,
// errors: as Add. Differentiable in both.
func Mul(x, y *gorgonia.Node) (*gorgonia.Node, error) { return binary(arith.Mul, x, y) }

// Div returns x / y, element by element. Shapes, errors: as Add. Differentiable in both; a division by 0 gives ±Inf
// or NaN, which [Program.CheckFinite] finds.
func Div(x, y *gorgonia.Node) (*gorgonia.Node, error) { return binary(arith.Div, x, y) }

// Scale returns c·x for a constant c. Shapes: x of any rank. Errors: c is not
// finite (ErrInput).
func Scale(x *gorgonia.Node, c float64) (*gorgonia.Node, error) {
	if math.IsNaN(c) || math.IsInf(c, 0) {
		return nil, errors.Wrapf(ErrInput, "nn: scale by %v, want a finite number", c)
	}
	if build.Rank(x) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: scale no node")
	}
	return op.Apply(arith.Scale{C: c}, x)
}

// MulScalar returns α·x for a learned number α; see Scale for a constant. Shapes: x of
// rank 1 or more, alpha 1, out as x. Differentiable in both.
func MulScalar(x, alpha *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 1 {
		return nil, errors.Wrap(ErrInput, "nn: multiply by a number: want x of rank 1 or more")
	}
	return op.Apply(gate.MulScalar{}, x, alpha)
}

func binary(operator arith.Operator, x, y *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 0 || build.Rank(y) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: arithmetic with no node")
	}
	return op.Apply(arith.Binary{Op: operator}, x, y)
}
