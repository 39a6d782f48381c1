// Package squarederror is the squared distance of two tensors.
//
//	e = c Σ (x − y)²        c = 1, or 1/N for the mean over N elements
//
// # Gradient
//
// ∂e/∂x = 2c(x − y) and ∂e/∂y = −∂e/∂x.
//
// # Numerics
//
// The sum runs in float64, in chunks of fixed size whose sums are added in order.
// Two numbers read for three flops: bound by memory.
package squarederror

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Error is the op of e for x and y of one shape of any rank.
type Error struct {
	Mean bool
}

// Spec implements op.Op.
func (k Error) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, op.Any},
		Kernel: op.Both(k, bind, bind),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			dx := op.Must(op.Apply(grad{k}, in[0], in[1], dout))
			return gorgonia.Nodes{dx, op.Must(op.Apply(grad{k}, in[1], in[0], dout))}
		},
		Workspace: func(in []tensor.Shape) int { return in[0].TotalSize()/grain + 1 },
		FLOPs:     func(in []tensor.Shape) int64 { return 3 * int64(in[0].TotalSize()) },
		Device:    k.device,
	}
}

func (k Error) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) {
		return nil, op.Errorf("squared error: x is %v but y is %v", in[0], in[1])
	}
	return tensor.ScalarShape(), nil
}

// grad is the op of D·2c(x − y): inputs x, y and the scalar D.
type grad struct{ Of Error }

func (k grad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, op.Any, 0},
		Kernel: op.Both(k, bindGrad, bindGrad),
		FLOPs:  func(in []tensor.Shape) int64 { return 2 * int64(in[0].TotalSize()) },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("squarederror", ptx.Of("squarederror/squarederror"), "squarederror_grad",
				launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1), a.X(2), launch.F64(2*k.Of.scale(a.N())))
		},
	}
}
