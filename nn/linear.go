package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/linear"
	"github.com/whitebox-nn/whitebox/op"
)

// Linear returns x Wᵀ + b, or x Wᵀ if b is nil.
//
// Shapes: x n×m, one sample a row; w d×m; b d; out n×d. Differentiable in all.
// Errors: shapes that do not fit (ErrInput). Cost: 2nmd flops, 4nmd for the
// gradients; see package linear.
func Linear(x, w, b *gorgonia.Node) (*gorgonia.Node, error) {
	if b == nil {
		return op.Apply(linear.Map{}, x, w)
	}
	return op.Apply(linear.Affine{}, x, w, b)
}
