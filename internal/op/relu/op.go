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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// ReLU is the kernel of max(x, 0), for x of any rank.
type ReLU struct{ Rank int }

var _ opkit.Differentiable = ReLU{}

func (k ReLU) Ranks() (in []int, out int)                  { return []int{k.Rank}, k.Rank }
func (ReLU) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (ReLU) Wrt() []bool                                   { return []bool{true} }
func (ReLU) InPlace() int                                  { return 0 }
func (k ReLU) Bind32(a *opkit.Args[float32]) opkit.Run     { return bind(a) }
func (k ReLU) Bind64(a *opkit.Args[float64]) opkit.Run     { return bind(a) }

func (k ReLU) Grad(_ gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(grad{k}, dout, out)
	return gorgonia.Nodes{dx}, err
}

// AddReLU is the kernel of max(x + s, 0): inputs x and s, alike and of any rank.
type AddReLU struct{ Rank int }

var _ opkit.Differentiable = AddReLU{}

func (k AddReLU) Ranks() (in []int, out int)              { return []int{k.Rank, k.Rank}, k.Rank }
func (AddReLU) Wrt() []bool                               { return []bool{true, true} }
func (AddReLU) InPlace() int                              { return 0 }
func (k AddReLU) Bind32(a *opkit.Args[float32]) opkit.Run { return bindAdd(a) }
func (k AddReLU) Bind64(a *opkit.Args[float64]) opkit.Run { return bindAdd(a) }

func (AddReLU) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) {
		return nil, errors.Wrapf(opkit.ErrInput, "add and ReLU: x is %v but s is %v", in[0], in[1])
	}
	return in[0].Clone(), nil
}

func (k AddReLU) Grad(_ gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	d, err := opkit.Apply(grad{ReLU(k)}, dout, out)
	return gorgonia.Nodes{d, d}, err
}

// grad is the kernel of ReLU's gradient: inputs D and y, output D where y > 0.
type grad struct{ Of ReLU }

func (k grad) Ranks() (in []int, out int)                  { return []int{k.Of.Rank, k.Of.Rank}, k.Of.Rank }
func (grad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (grad) InPlace() int                                  { return 0 }
func (k grad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindGrad(a) }
func (k grad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindGrad(a) }
