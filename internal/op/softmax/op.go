// Package softmax is the softmax over the last axis.
//
//	yⱼ = exp(xⱼ) / Σᵢ exp(xᵢ)
//
// # Method
//
// The largest element of a row is subtracted first, so that exp never overflows:
// y is the same, for softmax does not change when all of x does by one number.
//
// # Gradient
//
// With D = ∂L/∂y, ∂L/∂xⱼ = yⱼ (Dⱼ − ⟨D, y⟩). It needs y but not x.
//
// # Numerics
//
// exp runs in the graph's dtype, to 2 units in the last place, the sums in float64.
// Bound by exp.
package softmax

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Softmax is the kernel of y for x of any rank from 1.
type Softmax struct{ Rank int }

var _ opkit.Differentiable = Softmax{}

func (k Softmax) Ranks() (in []int, out int)                  { return []int{k.Rank}, k.Rank }
func (Softmax) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (Softmax) Wrt() []bool                                   { return []bool{true} }
func (Softmax) InPlace() int                                  { return 0 }
func (k Softmax) Bind32(a *opkit.Args[float32]) opkit.Run     { return bind(a) }
func (k Softmax) Bind64(a *opkit.Args[float64]) opkit.Run     { return bind(a) }

func (k Softmax) Grad(_ gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(grad{k}, dout, out)
	return gorgonia.Nodes{dx}, err
}

// grad is the kernel of ∂L/∂x: inputs D and y.
type grad struct{ Of Softmax }

func (k grad) Ranks() (in []int, out int)                  { return []int{k.Of.Rank, k.Of.Rank}, k.Of.Rank }
func (grad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (grad) InPlace() int                                  { return 0 }
func (k grad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindGrad(a) }
func (k grad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindGrad(a) }
