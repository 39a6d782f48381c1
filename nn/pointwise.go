package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/relu"
	"github.com/whitebox-nn/whitebox/internal/op/shrink"
	"github.com/whitebox-nn/whitebox/internal/op/tanh"
	"github.com/whitebox-nn/whitebox/op"
)

// ReLU returns max(x, 0). Shapes: x of any rank. Differentiable; 0 at the kink.
func ReLU(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(relu.ReLU{}, x) }

// Tanh returns tanh x. Shapes: x of any rank. Differentiable.
func Tanh(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(tanh.Tanh{}, x) }

// SoftThreshold moves each element of x towards zero by its column's threshold,
// and stops there:
//
//	out[i,j] = sgn(x[i,j]) · max(|x[i,j]| − θ[j], 0)
//
// Shapes: x of rank 1 or more with last axis d, theta d, or 1 for all columns;
// out as x. Differentiable in both; 0 at the kink. A negative θ moves elements
// away from zero, which ISTA never asks for: keep θ ≥ 0. See package shrink.
func SoftThreshold(x, theta *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 1 {
		return nil, errors.Wrap(ErrInput, "nn: soft threshold: want x of rank 1 or more")
	}
	return op.Apply(shrink.Soft{}, x, theta)
}
