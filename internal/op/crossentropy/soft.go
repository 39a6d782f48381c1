package crossentropy

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Soft is the kernel of H for targets that are shared between classes,
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

var _ opkit.Differentiable = Soft{}

func (Soft) Ranks() (in []int, out int) { return []int{2, 2, 2}, 0 }
func (Soft) Wrt() []bool                { return []bool{true, false, true} }

func (k Soft) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Smoothing >= 0 && k.Smoothing < 1) {
		return nil, errors.Wrapf(opkit.ErrInput, "cross-entropy: smoothing is %v, want it from 0 to 1, 1 excluded", k.Smoothing)
	}
	if !in[0].Eq(in[2]) || !in[0].Eq(in[1]) {
		return nil, errors.Wrapf(opkit.ErrInput, "cross-entropy: logits are %v and targets %v, want both n×k", in[0], in[2])
	}
	return tensor.ScalarShape(), nil
}

func (k Soft) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(softGrad{k}, in[1], in[2], dout)
	if err != nil {
		return nil, err
	}
	dp, err := opkit.Apply(softTargetGrad{k}, in[1], dout)
	return gorgonia.Nodes{dx, nil, dp}, err
}

func (k Soft) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSoft(k, a) }
func (k Soft) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSoft(k, a) }

// softGrad is the kernel of D·∂H/∂x: inputs the LogSoftmax and p (n×k) and the
// scalar D, output n×k.
type softGrad struct{ Of Soft }

func (softGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 0}, 2 }
func (softGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (softGrad) InPlace() int                                  { return 0 }
func (k softGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindSoftGrad(k.Of, a) }
func (k softGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindSoftGrad(k.Of, a) }

// softTargetGrad is the kernel of D·∂H/∂p: inputs the LogSoftmax (n×k) and the
// scalar D, output n×k.
type softTargetGrad struct{ Of Soft }

func (softTargetGrad) Ranks() (in []int, out int)                    { return []int{2, 0}, 2 }
func (softTargetGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k softTargetGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindSoftTargetGrad(k.Of, a) }
func (k softTargetGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindSoftTargetGrad(k.Of, a) }
