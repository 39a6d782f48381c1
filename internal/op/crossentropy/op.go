// Package crossentropy is the mean cross-entropy of a softmax over logits.
//
//	H = −(1/n) Σᵢ Σⱼ qᵢⱼ log softmax(xᵢ)ⱼ        qᵢⱼ = (1 − s)·[yᵢ = j] + s/k
//
// for n samples of k logits x and labels y; s is the label smoothing [1].
//
// # Method
//
// The log-softmax, xⱼ − m − log Σᵢ exp(xᵢ − m) with m = maxᵢ xᵢ, is an op of its own:
// it is computed once, for the value and the gradient, and never overflows.
//
// # Gradient
//
//	∂H/∂xᵢⱼ = (softmax(xᵢ)ⱼ − qᵢⱼ) / n        of LogSoftmax:  Dⱼ − softmax(x)ⱼ Σᵢ Dᵢ
//
// # Numerics
//
// exp runs in the graph's dtype, to 2 units in the last place; sums and log in
// float64. A logit difference of 1e4 gives a loss of 1e4, exactly, and where the
// network is sure the gradient of the right logit keeps its digits (expm1). Bound
// by exp.
//
// # References
//
//  1. Szegedy, Vanhoucke, Ioffe, Shlens, Wojna. Rethinking the Inception
//     architecture for computer vision. CVPR 2016, §7.
package crossentropy

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// LogSoftmax is the op of log softmax(x) over the last axis, for x of any
// rank from 1.
type LogSoftmax struct{}

// Spec implements op.Op.
func (k LogSoftmax) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any},
		Kernel: op.Both(k, bindLogSoftmax, bindLogSoftmax),
		Grad: func(_ gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(logSoftmaxGrad{k}, dout, out))}
		},
		Device: k.device,
	}
}

// logSoftmaxGrad is the op of LogSoftmax's gradient: inputs D and its output.
type logSoftmaxGrad struct{ Of LogSoftmax }

func (k logSoftmaxGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Any, op.Any},
		Kernel: op.Both(k, bindLogSoftmaxGrad, bindLogSoftmaxGrad),
		Device: k.device,
	}
}

// Mean is the op of H: inputs the logits x (n×k), their LogSoftmax and the
// labels y (n), output a scalar. Its gradient by x is that through the
// LogSoftmax, which it counts as constant.
type Mean struct {
	Smoothing float64 // s, from 0 to 1, 1 excluded
}

// Spec implements op.Op.
func (k Mean) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2, 1},
		Kernel: op.Both(k, bindMean, bindMean),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(meanGrad{k}, in[1], in[2], dout)), nil, nil}
		},
		Wrt:    []bool{true, false, false},
		Device: k.device,
		Explain: func(f op.Report) error {
			return op.Errorf("cross-entropy: the label of sample %d is %v, want an integer from 0 to %d", f.Number,
				f.Value, f.Shapes[0][1]-1)
		},
	}
}

func (k Mean) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Smoothing >= 0 && k.Smoothing < 1) {
		return nil, op.Errorf("cross-entropy: smoothing is %v, want it from 0 to 1, 1 excluded", k.Smoothing)
	}
	if in[0][0] != in[2][0] || !in[0].Eq(in[1]) {
		return nil, op.Errorf("cross-entropy: logits are %v and labels %v, want n×k and n", in[0], in[2])
	}
	return tensor.ScalarShape(), nil
}

// meanGrad is the op of D·∂H/∂x: inputs the LogSoftmax (n×k), y (n) and the
// scalar D, output n×k.
type meanGrad struct{ Of Mean }

func (k meanGrad) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 1, 0},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindMeanGrad, bindMeanGrad),
		Device:  k.device,
	}
}
