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

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// L1 is the kernel of ‖x‖₁: input x of any rank, output a scalar.
type L1 struct{ Rank int }

var _ opkit.Differentiable = L1{}

func (k L1) Ranks() (in []int, out int)               { return []int{k.Rank}, 0 }
func (L1) Wrt() []bool                                { return []bool{true} }
func (L1) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil }
func (L1) Bind32(a *opkit.Args[float32]) opkit.Run    { return bind(a) }
func (L1) Bind64(a *opkit.Args[float64]) opkit.Run    { return bind(a) }

func (k L1) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(grad{k}, in[0], dout)
	return gorgonia.Nodes{dx}, err
}

// grad is the kernel of ∂x: inputs x and the scalar D.
type grad struct{ Of L1 }

func (k grad) Ranks() (in []int, out int)                  { return []int{k.Of.Rank, 0}, k.Of.Rank }
func (grad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (grad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindGrad(a) }
func (grad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindGrad(a) }
