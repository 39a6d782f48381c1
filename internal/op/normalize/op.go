// Package normalize puts the rows of a matrix on the unit sphere.
//
//	yᵢ = xᵢ / ‖xᵢ‖₂
//
// A row that is 0 has no direction: it is an error, or stays 0, as the op says. One with a
// NaN or an infinity is an error.
//
// # Gradient
//
// With D = ∂L/∂y,
//
//	∂L/∂x = (D − ⟨D, y⟩ y) / ‖x‖
//
// the part of D that is tangent to the sphere at y. The norm is computed again from x:
// reading a row costs what storing and reading its norm and y would save.
//
// # Numerics
//
// Norms are summed in float64. A row whose squares are out of range there, or whose
// 1/‖x‖ is out of that of the dtype, is scaled by a power of 2 first: y is right to a
// few units in the last place at any magnitude, subnormal numbers included, and so is
// the gradient, which is infinite where it exceeds the dtype. Bound by memory.
package normalize

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Rows is the op of y: input x (n×d), output n×d.
type Rows struct {
	Zero bool // a row that is 0 stays 0, and has the gradient 0
}

// Spec implements op.Op.
func (k Rows) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2},
		Kernel: op.Both(k, bindRows, bindRows),
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(grad{}, dout, in[0]))}
		},
		FLOPs:   func(in []tensor.Shape) int64 { return 3 * int64(in[0].TotalSize()) },
		Device:  k.device,
		Explain: func(f op.Report) error { return noDirection(f.Number, f.Shapes[0][0], float64(f.Value)) },
	}
}

// grad is the op of ∂L/∂x: inputs D and x (n×d), output n×d.
type grad struct{}

func (k grad) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindGrad, bindGrad),
		FLOPs:   func(in []tensor.Shape) int64 { return 7 * int64(in[0].TotalSize()) },
		Device:  k.device,
	}
}
