package crossentropy

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Soft is the op of H for targets that are shared between classes,
//
//	qᵢⱼ = (1 − s)·pᵢⱼ + s/k
//
// inputs the logits x (n×k), their LogSoftmax and the targets p (n×k), output a
// scalar. Its gradient by x is that through the LogSoftmax, which it counts as
// constant; with qᵢ = Σⱼ qᵢⱼ, which is 1 if rows of p sum to 1,
//
//	∂H/∂xᵢⱼ = (qᵢ softmax(xᵢ)ⱼ − qᵢⱼ) / n        ∂H/∂pᵢⱼ = −(1 − s) log softmax(xᵢ)ⱼ / n
type Soft struct {
	Smoothing float64 // s, from 0 to 1, 1 excluded
}

// Spec implements op.Op.
func (k Soft) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2, 2},
		Kernel: op.Both(k, bindSoft, bindSoft),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			dx := op.Must(op.Apply(softGrad{k}, in[1], in[2], dout))
			return gorgonia.Nodes{dx, nil, op.Must(op.Apply(softTargetGrad{k}, in[1], dout))}
		},
		Wrt: []bool{true, false, true},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return softLaunch(a, "soft", launch.One(), a.X(1), a.X(2), launch.F64(k.Smoothing))
		},
	}
}

func (k Soft) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Smoothing >= 0 && k.Smoothing < 1) {
		return nil, op.Errorf("cross-entropy: smoothing is %v, want it from 0 to 1, 1 excluded", k.Smoothing)
	}
	if !in[0].Eq(in[2]) || !in[0].Eq(in[1]) {
		return nil, op.Errorf("cross-entropy: logits are %v and targets %v, want both n×k", in[0], in[2])
	}
	return tensor.ScalarShape(), nil
}

// softGrad is the op of D·∂H/∂x: inputs the LogSoftmax and p (n×k) and the
// scalar D, output n×k.
type softGrad struct{ Of Soft }

func (k softGrad) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2, 0},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindSoftGrad, bindSoftGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return softLaunch(a, "soft_grad", launch.Rows(a.Shape[0]), a.X(0), a.X(1), a.X(2),
				launch.F64(k.Of.Smoothing))
		},
	}
}

// softTargetGrad is the op of D·∂H/∂p: inputs the LogSoftmax (n×k) and the
// scalar D, output n×k.
type softTargetGrad struct{ Of Soft }

func (k softTargetGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 0},
		Kernel: op.Both(k, bindSoftTargetGrad, bindSoftTargetGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return softLaunch(a, "target_grad", launch.Elements(a.N()), a.X(0), a.X(1), launch.F64(k.Of.Smoothing))
		},
	}
}
