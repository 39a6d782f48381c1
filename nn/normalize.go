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
