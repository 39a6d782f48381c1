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
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Stats is the op of μ and r of each row: input x of any rank from 1, output
// rows×2, wide.
type Stats struct {
	Eps float64 // ε, 0 or above
}

// Spec implements op.Op.
func (k Stats) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any},
		WideOut: true,
		Kernel:  op.Both(k, bindStats, bindStats),
		Shape:   k.shape,
		Device:  k.device,
	}
}

func (k Stats) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Eps >= 0) {
		return nil, op.Errorf("layer norm: ε is %v, want it 0 or above", k.Eps)
	}
	return tensor.Shape{in[0].TotalSize() / last(in[0]), 2}, nil
}

// last returns the size of the last axis.
func last(s tensor.Shape) int { return s[len(s)-1] }

// Norm is the op of y: inputs x, its Stats, γ and, without NoShift, β (d), output as x.
type Norm struct{ NoShift bool }

// Spec implements op.Op.
func (k Norm) Spec() op.Spec {
	in, wrt := []op.Input{op.Any, op.Wide(2), 1, 1}, []bool{true, false, true, true}
	if k.NoShift {
		in, wrt = in[:3], wrt[:3]
	}
	return op.Spec{
		In:      in,
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindNorm, bindNorm),
		Shape:   k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			dx := op.Must(op.Apply(inputGrad{k}, dout, in[0], in[1], in[2]))
			dgamma := op.Must(op.Apply(gainGrad{k}, dout, in[0], in[1]))
			if k.NoShift {
				return gorgonia.Nodes{dx, nil, dgamma}
			}
			return gorgonia.Nodes{dx, nil, dgamma, op.Must(op.Apply(shiftGrad{k}, dout))}
		},
		Wrt:    wrt,
		Device: k.device,
	}
}

func (k Norm) shape(in []tensor.Shape) (tensor.Shape, error) {
	d, beta := last(in[0]), in[2][0]
	if !k.NoShift {
		beta = in[3][0]
	}
	if in[2][0] != d || beta != d {
		return nil, op.Errorf("layer norm: x is %v but γ and β have lengths %d and %d, want %d", in[0], in[2][0],
			beta, d)
	}
	return in[0].Clone(), nil
}

// inputGrad is the op of ∂x: inputs D, x, its Stats and γ.
type inputGrad struct{ Of Norm }

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Any, op.Wide(2), 1},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindInputGrad, bindInputGrad),
		Device:  k.device,
	}
}

// gainGrad is the op of ∂γ: inputs D, x and its Stats, output d.
type gainGrad struct{ Of Norm }

func (k gainGrad) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{op.Any, op.Any, op.Wide(2)},
		Kernel:    op.Both(k, bindGainGrad, bindGainGrad),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{last(in[0])}, nil },
		Workspace: func(in []tensor.Shape) int { return last(in[0]) },
		Device:    k.device,
	}
}

// shiftGrad is the op of ∂β: input D, output d.
type shiftGrad struct{ Of Norm }

func (k shiftGrad) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{op.Any},
		Kernel:    op.Both(k, bindShiftGrad, bindShiftGrad),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{last(in[0])}, nil },
		Workspace: func(in []tensor.Shape) int { return last(in[0]) },
		Device:    k.device,
	}
}
