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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Error is the kernel of e for x and y of one shape of any rank.
type Error struct {
	Mean bool
	Rank int
}

var _ opkit.Differentiable = Error{}

func (k Error) Ranks() (in []int, out int) { return []int{k.Rank, k.Rank}, 0 }

func (k Error) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) {
		return nil, errors.Wrapf(opkit.ErrInput, "squared error: x is %v but y is %v", in[0], in[1])
	}
	return tensor.ScalarShape(), nil
}

func (Error) Workspace(in []tensor.Shape) int { return in[0].TotalSize()/grain + 1 }
func (Error) FLOPs(in []tensor.Shape) int64   { return 3 * int64(in[0].TotalSize()) }
func (Error) Wrt() []bool                     { return []bool{true, true} }

func (k Error) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(grad{k}, in[0], in[1], dout)
	if err != nil {
		return nil, err
	}
	dy, err := opkit.Apply(grad{k}, in[1], in[0], dout)
	return gorgonia.Nodes{dx, dy}, err
}

func (k Error) Bind32(a *opkit.Args[float32]) opkit.Run { return bind(k, a) }
func (k Error) Bind64(a *opkit.Args[float64]) opkit.Run { return bind(k, a) }

// grad is the kernel of D·2c(x − y): inputs x, y and the scalar D.
type grad struct{ Of Error }

func (k grad) Ranks() (in []int, out int)                  { return []int{k.Of.Rank, k.Of.Rank, 0}, k.Of.Rank }
func (grad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (grad) FLOPs(in []tensor.Shape) int64                 { return 2 * int64(in[0].TotalSize()) }
func (k grad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindGrad(k.Of, a) }
func (k grad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindGrad(k.Of, a) }
