package nn

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/linear"
	"github.com/whitebox-nn/whitebox/internal/op/unroll"
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

// AddLinear returns b + c·v Wᵀ.
//
// Shapes: b n×d; v n×k, one sample a row; w d×k; out n×d. Differentiable in all.
// Errors: shapes that do not fit, c not finite (ErrInput). Cost: 2nkd flops, 4nkd
// for the gradients, and one pass over memory; see package unroll.
func AddLinear(b, v, w *gorgonia.Node, c float64) (*gorgonia.Node, error) {
	return op.Apply(unroll.Affine{C: c}, b, v, w)
}
