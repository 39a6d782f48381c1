package nn

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/arith"
	"github.com/whitebox-nn/whitebox/internal/op/gain"
	"github.com/whitebox-nn/whitebox/op"
)

// Add returns x + y. Shapes: x and y alike, of any rank. Differentiable in both.
func Add(x, y *gorgonia.Node) (*gorgonia.Node, error) { return binary(arith.Add, x, y) }

// Sub returns x − y. Shapes: x and y alike, of any rank. Differentiable in both.
func Sub(x, y *gorgonia.Node) (*gorgonia.Node, error) { return binary(arith.Sub, x, y) }

// Mul returns x ⊙ y, element by element; see MatMul for the matrix product.
// Shapes: x and y alike, of any rank. Differentiable in both.
func Mul(x, y *gorgonia.Node) (*gorgonia.Node, error) { return binary(arith.Mul, x, y) }

// AddRow returns xᵢⱼ + rowⱼ. Shapes: x n×d, row d. Differentiable in both.
func AddRow(x, row *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(arith.Binary{Op: arith.Add, Form: arith.Row}, x, row)
}

// SubRow returns xᵢⱼ − rowⱼ. Shapes: x n×d, row d. Differentiable in both.
func SubRow(x, row *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(arith.Binary{Op: arith.Sub, Form: arith.Row}, x, row)
}

// MulRow returns xᵢⱼ · rowⱼ. Shapes: x n×d, row d. Differentiable in both.
func MulRow(x, row *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(arith.Binary{Op: arith.Mul, Form: arith.Row}, x, row)
}

// AddCol returns xᵢⱼ + colᵢ. Shapes: x n×d, col n. Differentiable in both.
func AddCol(x, col *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(arith.Binary{Op: arith.Add, Form: arith.Col}, x, col)
}

// SubCol returns xᵢⱼ − colᵢ. Shapes: x n×d, col n. Differentiable in both.
func SubCol(x, col *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(arith.Binary{Op: arith.Sub, Form: arith.Col}, x, col)
}

// MulCol returns xᵢⱼ · colᵢ. Shapes: x n×d, col n. Differentiable in both.
func MulCol(x, col *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(arith.Binary{Op: arith.Mul, Form: arith.Col}, x, col)
}

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
	return op.Apply(gain.Times{}, x, alpha)
}

func binary(operator arith.Operator, x, y *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 0 || build.Rank(y) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: arithmetic with no node")
	}
	return op.Apply(arith.Binary{Op: operator}, x, y)
}
