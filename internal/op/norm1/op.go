// Package norm1 is the sum of magnitudes, ‖x‖₁ = Σ |x|.
//
// # Gradient
//
// ∂x = D sgn(x), the subgradient that is 0 at 0.
//
// # Numerics
//
// The sum runs in float64. Bound by memory.
package norm1

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// L1 is the op of ‖x‖₁: input x of any rank, output a scalar.
type L1 struct{}

// Spec implements op.Op.
func (k L1) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any},
		Kernel: op.Both(k, bind, bind),
		Shape:  func([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil },
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(grad{k}, in[0], dout))}
		},
		Device: k.device,
	}
}

// grad is the op of ∂x: inputs x and the scalar D.
type grad struct{ Of L1 }

func (k grad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, 0},
		Kernel: op.Both(k, bindGrad, bindGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("norm1", ptx.Of("norm1/norm1"), "norm1_grad", launch.Elements(a.N()), launch.I(a.N()),
				a.Y(), a.X(0), a.X(1))
		},
	}
}
