package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/normalize"
	"github.com/whitebox-nn/whitebox/op"
)

// Normalize puts the rows of x on the unit sphere: x / ‖x‖₂, right to a few units in
// the last place at any magnitude.
//
// Shapes: x and out n×d. Differentiable. Errors, of a run: a row that is 0, and has no
// direction (ErrInput), or holds a NaN or an infinity (ErrNotFinite). See package
// normalize.
func Normalize(x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(normalize.Rows{}, x)
}

// NormalizeOrZero is Normalize, but for rows that are 0: they stay 0, and the gradient by them is 0. It is for
// features that a network computes: a sample for which no unit of the layer before is active is 0, and a later step
// may change that.
func NormalizeOrZero(x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(normalize.Rows{Zero: true}, x)
}
