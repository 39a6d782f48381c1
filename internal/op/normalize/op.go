// Package normalize puts the rows of a matrix on the unit sphere.
//
//	yᵢ = xᵢ / ‖xᵢ‖₂
//
// A row that is 0 has no direction: it is an error, as is one with a NaN or an
// infinity.
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

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Rows is the kernel of y: input x (n×d), output n×d.
type Rows struct{}

var _ opkit.Differentiable = Rows{}

func (Rows) Ranks() (in []int, out int)                    { return []int{2}, 2 }
func (Rows) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (Rows) Wrt() []bool                                   { return []bool{true} }
func (Rows) FLOPs(in []tensor.Shape) int64                 { return 3 * int64(in[0].TotalSize()) }
func (Rows) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindRows(a) }
func (Rows) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindRows(a) }

func (Rows) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(grad{}, dout, in[0])
	return gorgonia.Nodes{dx}, err
}

// grad is the kernel of ∂L/∂x: inputs D and x (n×d), output n×d.
type grad struct{}

func (grad) Ranks() (in []int, out int)                    { return []int{2, 2}, 2 }
func (grad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (grad) InPlace() int                                  { return 0 }
func (grad) FLOPs(in []tensor.Shape) int64                 { return 7 * int64(in[0].TotalSize()) }
func (grad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindGrad(a) }
func (grad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindGrad(a) }
