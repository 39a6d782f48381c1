// Package layernorm is the layer norm over the last axis.
//
//	y = γ ⊙ x̂ + β        x̂ = (x − μ) r        r = 1/√(σ² + ε)
//
// with the mean μ and the (biased) variance σ² of each row [1].
//
// # Method
//
// μ and r of each row are an op of their own (Stats), computed once for the value
// and the gradients, in two passes: σ² is the mean of (x − μ)², which does not
// cancel as the mean of squares less the square of the mean does.
//
// # Gradient
//
// With D = ∂L/∂y, g = D ⊙ γ and ⟨·⟩ the mean over a row,
//
//	∂x = r (g − ⟨g⟩ − x̂ ⟨g ⊙ x̂⟩)        ∂γ = Σ D ⊙ x̂        ∂β = Σ D
//
// with sums over the rows.
//
// # Numerics
//
// Statistics are wide: float64 in every graph. A constant row has x̂ = 0 and, for
// ε > 0, a finite gradient. Bound by memory.
//
// # References
//
//  1. Ba, Kiros, Hinton. Layer normalization. 2016.
package layernorm

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Stats is the kernel of μ and r of each row: input x of any rank from 1, output
// rows×2, wide.
type Stats struct {
	Eps  float64 // ε, 0 or above
	Rank int
}

var _ opkit.Wide = Stats{}

func (k Stats) Ranks() (in []int, out int) { return []int{k.Rank}, 2 }
func (Stats) Wide() (in []bool, out bool)  { return []bool{false}, true }

func (k Stats) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Eps >= 0) {
		return nil, errors.Wrapf(opkit.ErrInput, "layer norm: ε is %v, want it 0 or above", k.Eps)
	}
	return tensor.Shape{in[0].TotalSize() / last(in[0]), 2}, nil
}

func (k Stats) Bind32(a *opkit.Args[float32]) opkit.Run { return bindStats(k, a) }
func (k Stats) Bind64(a *opkit.Args[float64]) opkit.Run { return bindStats(k, a) }

// last returns the size of the last axis.
func last(s tensor.Shape) int { return s[len(s)-1] }

// Norm is the kernel of y: inputs x, its Stats, γ and β (d), output as x.
type Norm struct{ Rank int }

var _ opkit.Differentiable = Norm{}

func (k Norm) Ranks() (in []int, out int) { return []int{k.Rank, 2, 1, 1}, k.Rank }
func (Norm) Wide() (in []bool, out bool)  { return []bool{false, true, false, false}, false }
func (Norm) Wrt() []bool                  { return []bool{true, false, true, true} }
func (Norm) InPlace() int                 { return 0 }

func (Norm) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if d := last(in[0]); in[2][0] != d || in[3][0] != d {
		return nil, errors.Wrapf(opkit.ErrInput, "layer norm: x is %v but γ and β have lengths %d and %d, want %d", in[0], in[2][0], in[3][0], d)
	}
	return in[0].Clone(), nil
}

func (k Norm) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(inputGrad{k}, dout, in[0], in[1], in[2])
	if err != nil {
		return nil, err
	}
	dgamma, err := opkit.Apply(gainGrad{k}, dout, in[0], in[1])
	if err != nil {
		return nil, err
	}
	dbeta, err := opkit.Apply(shiftGrad{k}, dout)
	return gorgonia.Nodes{dx, nil, dgamma, dbeta}, err
}

func (k Norm) Bind32(a *opkit.Args[float32]) opkit.Run { return bindNorm(a) }
func (k Norm) Bind64(a *opkit.Args[float64]) opkit.Run { return bindNorm(a) }

// inputGrad is the kernel of ∂x: inputs D, x, its Stats and γ.
type inputGrad struct{ Of Norm }

func (k inputGrad) Ranks() (in []int, out int) { return []int{k.Of.Rank, k.Of.Rank, 2, 1}, k.Of.Rank }
func (inputGrad) Wide() (in []bool, out bool)  { return []bool{false, false, true, false}, false }
func (inputGrad) InPlace() int                 { return 0 }

func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (k inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindInputGrad(a) }
func (k inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindInputGrad(a) }

// gainGrad is the kernel of ∂γ: inputs D, x and its Stats, output d.
type gainGrad struct{ Of Norm }

func (k gainGrad) Ranks() (in []int, out int) { return []int{k.Of.Rank, k.Of.Rank, 2}, 1 }
func (gainGrad) Wide() (in []bool, out bool)  { return []bool{false, false, true}, false }

func (gainGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{last(in[0])}, nil }

func (gainGrad) Workspace(in []tensor.Shape) int           { return last(in[0]) }
func (k gainGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindGainGrad(a) }
func (k gainGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindGainGrad(a) }

// shiftGrad is the kernel of ∂β: input D, output d.
type shiftGrad struct{ Of Norm }

func (k shiftGrad) Ranks() (in []int, out int) { return []int{k.Of.Rank}, 1 }

func (shiftGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{last(in[0])}, nil
}

func (shiftGrad) Workspace(in []tensor.Shape) int           { return last(in[0]) }
func (k shiftGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindShiftGrad(a) }
func (k shiftGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindShiftGrad(a) }
