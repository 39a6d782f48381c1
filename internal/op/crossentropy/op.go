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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// LogSoftmax is the kernel of log softmax(x) over the last axis, for x of any
// rank from 1.
type LogSoftmax struct{ Rank int }

var _ opkit.Differentiable = LogSoftmax{}

func (k LogSoftmax) Ranks() (in []int, out int)                  { return []int{k.Rank}, k.Rank }
func (LogSoftmax) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (LogSoftmax) Wrt() []bool                                   { return []bool{true} }
func (k LogSoftmax) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindLogSoftmax(a) }
func (k LogSoftmax) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindLogSoftmax(a) }

func (k LogSoftmax) Grad(_ gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(logSoftmaxGrad{k}, dout, out)
	return gorgonia.Nodes{dx}, err
}

// logSoftmaxGrad is the kernel of LogSoftmax's gradient: inputs D and its output.
type logSoftmaxGrad struct{ Of LogSoftmax }

func (k logSoftmaxGrad) Ranks() (in []int, out int)                  { return []int{k.Of.Rank, k.Of.Rank}, k.Of.Rank }
func (logSoftmaxGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k logSoftmaxGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindLogSoftmaxGrad(a) }
func (k logSoftmaxGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindLogSoftmaxGrad(a) }

// Mean is the kernel of H: inputs the logits x (n×k), their LogSoftmax and the
// labels y (n), output a scalar. Its gradient by x is that through the
// LogSoftmax, which it counts as constant.
type Mean struct {
	Smoothing float64 // s, from 0 to 1, 1 excluded
}

var _ opkit.Differentiable = Mean{}

func (Mean) Ranks() (in []int, out int) { return []int{2, 2, 1}, 0 }
func (Mean) Wrt() []bool                { return []bool{true, false, false} }

func (k Mean) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Smoothing >= 0 && k.Smoothing < 1) {
		return nil, errors.Wrapf(opkit.ErrInput, "cross-entropy: smoothing is %v, want it from 0 to 1, 1 excluded", k.Smoothing)
	}
	if in[0][0] != in[2][0] || !in[0].Eq(in[1]) {
		return nil, errors.Wrapf(opkit.ErrInput, "cross-entropy: logits are %v and labels %v, want n×k and n", in[0], in[2])
	}
	return tensor.ScalarShape(), nil
}

func (k Mean) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(meanGrad{k}, in[1], in[2], dout)
	return gorgonia.Nodes{dx, nil, nil}, err
}

func (k Mean) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMean(k, a) }
func (k Mean) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMean(k, a) }

// meanGrad is the kernel of D·∂H/∂x: inputs the LogSoftmax (n×k), y (n) and the
// scalar D, output n×k.
type meanGrad struct{ Of Mean }

func (meanGrad) Ranks() (in []int, out int)                    { return []int{2, 1, 0}, 2 }
func (meanGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (meanGrad) InPlace() int                                  { return 0 }
func (k meanGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindMeanGrad(k.Of, a) }
func (k meanGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindMeanGrad(k.Of, a) }
