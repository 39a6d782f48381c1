// Package shrink is soft thresholding: the proximal operator of θ‖·‖₁.
//
//	out[i,j] = sgn(x[i,j]) · max(|x[i,j]| − θ[j], 0)
//
// θ has one threshold for each column of the last axis, or one for all.
//
// # Gradient
//
// With s = sgn(out), which is ±1 where |x| > θ and 0 elsewhere, ∂out/∂x = s² and
// ∂out/∂θ = −s, so
//
//	∂L/∂x[i,j] = D[i,j]·s[i,j]²        ∂L/∂θ[j] = −Σᵢ D[i,j]·s[i,j]
//
// At |x| = θ, where out has a kink, both are taken as 0. The gradient needs out
// but not x.
//
// # Numerics
//
// One rounding an element; the sums of ∂θ run in float64. Bound by memory.
//
// # References
//
// Daubechies, Defrise, De Mol. An iterative thresholding algorithm for linear
// inverse problems with a sparsity constraint. CPAM 2004.
package shrink

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Soft is the kernel of soft thresholding: inputs x of any rank and θ (d, or 1
// for all columns), d being the last axis of x.
type Soft struct{ Rank int }

var _ opkit.Differentiable = Soft{}

func (k Soft) Ranks() (in []int, out int) { return []int{k.Rank, 1}, k.Rank }

func (k Soft) Shape(in []tensor.Shape) (tensor.Shape, error) {
	x, theta := in[0], in[1]
	if d := x[k.Rank-1]; theta[0] != d && theta[0] != 1 {
		return nil, errors.Wrapf(opkit.ErrInput, "shrink: x is %v but θ has length %d, want %d or 1", x, theta[0], d)
	}
	return x.Clone(), nil
}

func (Soft) Wrt() []bool                               { return []bool{true, true} }
func (Soft) InPlace() int                              { return 0 }
func (k Soft) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSoft(a) }
func (k Soft) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSoft(a) }

func (k Soft) Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(inputGrad{k}, dout, out)
	if err != nil {
		return nil, err
	}
	dtheta, err := opkit.Apply(thetaGrad{k}, dout, out, in[1])
	return gorgonia.Nodes{dx, dtheta}, err
}

// inputGrad is the kernel of ∂L/∂x: inputs D and out.
type inputGrad struct{ Of Soft }

func (k inputGrad) Ranks() (in []int, out int)                  { return []int{k.Of.Rank, k.Of.Rank}, k.Of.Rank }
func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (inputGrad) InPlace() int                                  { return 0 }
func (k inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindInputGrad(a) }
func (k inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindInputGrad(a) }

// thetaGrad is the kernel of ∂L/∂θ: inputs D, out and θ, whose length its output
// has.
type thetaGrad struct{ Of Soft }

func (k thetaGrad) Ranks() (in []int, out int)                  { return []int{k.Of.Rank, k.Of.Rank, 1}, 1 }
func (thetaGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil }
func (thetaGrad) Workspace(in []tensor.Shape) int               { return in[2][0] }
func (k thetaGrad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindThetaGrad(a) }
func (k thetaGrad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindThetaGrad(a) }
