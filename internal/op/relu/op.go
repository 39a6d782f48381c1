// Package relu is the rectifier.
//
//	y = max(x, 0)        y = max(x + s, 0)
//
// the second, the end of a residual block, in one pass over memory.
//
// # Gradient
//
// ∂L/∂x = D where y > 0, and 0 elsewhere, the kink at 0 included; ∂L/∂s is the
// same. The gradient
// needs y but not x, so x may be freed, or overwritten, in the forward pass.
//
// # Numerics
//
// Exact. NaN stays NaN, so that a diverged layer shows. Bound by memory.
package relu

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// ReLU is the op max(x, 0), for x of any rank.
type ReLU struct{}

// Spec implements op.Op.
func (k ReLU) Spec() op.Spec {
	return op.Pointwise(k, op.Function{
		Value:    func(x float64) float64 { return max(x, 0) },
		Slope:    func(y float64) float64 { return one(y > 0) },
		OfOutput: true,
		Fast:     op.Slices(simd.ReLU, simd.ReLU), FastSlope: op.Slices2(simd.ReLUGrad, simd.ReLUGrad),
		Name: "relu", PTX: ptx.Of("relu/relu"),
	})
}

func one(if_ bool) float64 {
	if if_ {
		return 1
	}
	return 0
}

// AddReLU is the op max(x + s, 0): inputs x and s, alike and of any rank.
type AddReLU struct{}

// Spec implements op.Op.
func (k AddReLU) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, op.Any}, InPlace: op.Take(0), Kernel: op.Both(k, bindAdd, bindAdd),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if !in[0].Eq(in[1]) {
				return nil, op.Errorf("add and ReLU: x is %v but s is %v", in[0], in[1])
			}
			return in[0].Clone(), nil
		},
		Grad: func(_ gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			d := op.Must(op.Apply(op.Slope{Of: ReLU{}}, dout, out))
			return gorgonia.Nodes{d, d}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("relu", ptx.Of("relu/relu"), "relu_add_relu", launch.Elements(a.N()), launch.I(a.N()),
				a.Y(), a.X(0), a.X(1))
		},
	}
}

func bindAdd[T op.Float](_ AddReLU, a *op.Args[T]) op.Run {
	return a.Each(func(lo, hi int) { simd.AddReLU(a.Out[lo:hi], a.In[0][lo:hi], a.In[1][lo:hi]) })
}
