package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/norm1"
	"github.com/whitebox-nn/whitebox/op"
)

// SumMagnitudes returns ‖x‖₁ = Σ |x|. Shapes: x of any rank, out a scalar.
// Differentiable; the subgradient at 0 is 0.
func SumMagnitudes(x *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: magnitudes of no node")
	}
	return op.Apply(norm1.L1{}, x)
}
