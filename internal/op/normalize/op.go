// Package normalize puts the rows of a matrix on the unit sphere.
//
//	yᵢ = xᵢ / max(‖xᵢ‖₂, ε)
//
// # Gradient
//
// Where ‖x‖ > ε, with D = ∂L/∂y,
//
//	∂L/∂x = (D − ⟨D, y⟩ y) / ‖x‖
//
// the part of D that is tangent to the sphere at y. Where the norm is clamped,
// y = x/ε and ∂L/∂x = D/ε. The norm is computed again from x: reading a row costs
// what storing and reading its norm and y would save.
//
// # Numerics
//
// Norms are summed in float64. Overflow of x² is that of float64. Bound by memory.
package normalize

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Rows is the kernel of y: input x (n×d), output n×d.
type Rows struct {
	Eps float64 // ε, the least norm; above 0
}

var _ opkit.Differentiable = Rows{}

func (Rows) Ranks() (in []int, out int) { return []int{2}, 2 }

func (k Rows) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Eps > 0) {
		return nil, errors.Wrapf(opkit.ErrInput, "normalize: ε is %v, want it above 0", k.Eps)
	}
	return in[0].Clone(), nil
}

func (Rows) Wrt() []bool                               { return []bool{true} }
func (Rows) FLOPs(in []tensor.Shape) int64             { return 3 * int64(in[0].TotalSize()) }
func (k Rows) Bind32(a *opkit.Args[float32]) opkit.Run { return bindRows(k, a) }
func (k Rows) Bind64(a *opkit.Args[float64]) opkit.Run { return bindRows(k, a) }

func (k Rows) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(grad{k}, dout, in[0])
	return gorgonia.Nodes{dx}, err
}

// grad is the kernel of ∂L/∂x: inputs D and x (n×d), output n×d.
type grad struct{ Of Rows }

func (grad) Ranks() (in []int, out int)                    { return []int{2, 2}, 2 }
func (grad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (grad) InPlace() int                                  { return 0 }
func (grad) FLOPs(in []tensor.Shape) int64                 { return 7 * int64(in[0].TotalSize()) }
func (k grad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindGrad(k.Of, a) }
func (k grad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindGrad(k.Of, a) }
