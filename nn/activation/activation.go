// Package activation has the nonlinearities beside nn.ReLU, nn.Tanh and nn.Softmax.
package activation

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/gelu"
	"github.com/whitebox-nn/whitebox/internal/op/relu"
	"github.com/whitebox-nn/whitebox/op"
)

// GELU returns x·Φ(x), where Φ is the distribution of a standard normal number, in its
// exact form. Shapes: x of any rank. Differentiable.
func GELU(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(gelu.GELU{}, x) }

// AddReLU returns max(x + s, 0), the end of a residual block, in one pass over
// memory. Shapes: x and s alike, of any rank. Differentiable in both; 0 at the kink.
func AddReLU(x, s *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(relu.AddReLU{}, x, s) }
