package norm

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/layernorm"
	"github.com/whitebox-nn/whitebox/op"
)

// LayerNorm standardizes x over its last axis, then scales and shifts it:
//
//	y = γ ⊙ (x − mean(x)) / √(var(x) + ε) + β
//
// or without β if beta is nil. Shapes: x of rank 1 or more with last axis d; gamma, beta d; out as x.
// Differentiable in all. The variance is the biased one. Errors: ε < 0, lengths
// other than d (op.ErrInput). See package layernorm.
func LayerNorm(x, gamma, beta *gorgonia.Node, eps float64) (*gorgonia.Node, error) {
	if build.Rank(x) < 1 {
		return nil, errors.Wrap(op.ErrInput, "norm: layer norm: want x of rank 1 or more")
	}
	stats, err := op.Apply(layernorm.Stats{Eps: eps}, x)
	if err != nil {
		return nil, err
	}
	if beta == nil {
		return op.Apply(layernorm.Norm{NoShift: true}, x, stats, gamma)
	}
	return op.Apply(layernorm.Norm{}, x, stats, gamma, beta)
}
