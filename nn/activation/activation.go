// Package activation has the nonlinearities beside nn.ReLU, nn.Tanh and nn.Softmax.
package activation

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/arrange"
	"github.com/whitebox-nn/whitebox/internal/op/elementary"
	"github.com/whitebox-nn/whitebox/internal/op/gelu"
	"github.com/whitebox-nn/whitebox/internal/op/piecewise"
	"github.com/whitebox-nn/whitebox/internal/op/relu"
	"github.com/whitebox-nn/whitebox/internal/op/sigmoid"
	"github.com/whitebox-nn/whitebox/internal/op/softmax"
	"github.com/whitebox-nn/whitebox/op"
)

// GELU returns x·Φ(x), where Φ is the distribution of a standard normal number, in its
// exact form. Shapes: x of any rank. Differentiable.
func GELU(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(gelu.GELU{}, x) }

// AddReLU returns max(x + s, 0), the end of a residual block, in one pass over
// memory. Shapes: x and s alike, of any rank. Differentiable in both; 0 at the kink.
func AddReLU(x, s *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(relu.AddReLU{}, x, s) }

// GELUTanh returns ½x (1 + tanh(√(2/π)(x + 0.044715 x³))), PyTorch's approximate="tanh" of
// GELU, which it is off by 5e-4 at most. Shapes: x of any rank. Differentiable.
func GELUTanh(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(sigmoid.GELUTanh{}, x) }

// Softmax returns exp(x)/Σ exp(x) with sums along an axis, −1 being the last; nn.Softmax is
// that of the last, and the others transpose x to it and back. Shapes: x of rank 1 to 5, out
// as x. Differentiable; it never overflows. Errors: an axis that is not there (op.ErrInput).
func Softmax(x *gorgonia.Node, axis int) (*gorgonia.Node, error) {
	rank := build.Rank(x)
	if rank < 1 || axis < -rank || axis >= rank {
		return nil, op.Errorf("softmax along axis %d of a node of rank %d", axis, rank)
	}
	if axis = (axis + rank) % rank; axis == rank-1 {
		return op.Apply(softmax.Softmax{}, x)
	}
	axes := make([]int, rank) // which are their own inverse
	for i := range axes {
		axes[i] = i
	}
	axes[axis], axes[rank-1] = rank-1, axis
	swap, err := arrange.NewTranspose(axes)
	if err != nil {
		return nil, err
	}
	y, err := op.Apply(swap, x)
	if err != nil {
		return nil, err
	}
	if y, err = op.Apply(softmax.Softmax{}, y); err != nil {
		return nil, err
	}
	return op.Apply(swap, y)
}

// Sigmoid returns 1/(1 + e⁻ˣ), without overflow. Shapes: x of any rank. Differentiable.
func Sigmoid(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(sigmoid.Sigmoid{}, x) }

// SiLU returns x/(1 + e⁻ˣ), also called swish. Shapes: x of any rank. Differentiable.
func SiLU(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(sigmoid.SiLU{}, x) }

// Softplus returns log(1 + eˣ), without overflow. Shapes: x of any rank. Differentiable.
func Softplus(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(sigmoid.Softplus{}, x) }

// Erf returns the error function, 2/√π ∫₀ˣ exp(−t²) dt. Shapes: x of any rank.
// Differentiable.
func Erf(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(elementary.Erf{}, x) }

// LeakyReLU returns x where x > 0, and slope·x elsewhere. Shapes: x of any rank.
// Differentiable; the slope at the kink. Errors: a slope that is not finite (ErrInput).
func LeakyReLU(x *gorgonia.Node, slope float64) (*gorgonia.Node, error) {
	return op.Apply(piecewise.LeakyReLU{Slope: slope}, x)
}

// PReLU returns x where x > 0, and slope·x elsewhere, for a slope that is learned. Shapes:
// x of any rank, slope as x, or as long as its last axis, or 1; out as x. Differentiable in
// both; the slope at the kink.
func PReLU(x, slope *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(piecewise.PReLU{}, x, slope)
}
