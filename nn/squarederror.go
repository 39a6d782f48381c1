package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/squarederror"
	"github.com/whitebox-nn/whitebox/op"
)

// SquaredError returns the mean of (x − y)² over all elements. Shapes: x and y
// alike, of any rank; out a scalar. Differentiable in both. See SquaredDistance
// for the sum.
func SquaredError(x, y *gorgonia.Node) (*gorgonia.Node, error) { return squared(x, y, true) }

// SquaredDistance returns ‖x − y‖² = Σ (x − y)². Shapes: x and y alike, of any
// rank; out a scalar. Differentiable in both.
func SquaredDistance(x, y *gorgonia.Node) (*gorgonia.Node, error) { return squared(x, y, false) }

func squared(x, y *gorgonia.Node, mean bool) (*gorgonia.Node, error) {
	if build.Rank(x) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: squared error of no node")
	}
	return op.Apply(squarederror.Error{Mean: mean}, x, y)
}
