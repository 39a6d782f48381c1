// Package amp is what approximate message passing needs beyond ISTA.
//
//	RootMeanSquare  σᵢ = √(Σⱼ vᵢⱼ² / m)           a number for each sample
//	SoftRows        S_{θᵢ}(uᵢⱼ)                   a threshold for each sample
//	Density         bᵢ = ‖zᵢ‖₀ / m                 its Onsager coefficient
//
// # Gradient
//
// With D = ∂L/∂out, ∂v = Dᵢ vᵢⱼ/(m σᵢ), 0 where σᵢ is; ∂u = D where |u| > θ, and
// ∂θᵢ = −Σⱼ D sgn out. ‖z‖₀ is constant almost everywhere, and has the gradient 0.
//
// # Numerics
//
// Sums run in float64. Bound by memory.
//
// # References
//
// Donoho, Maleki, Montanari. Message-passing algorithms for compressed sensing.
// PNAS 2009. Borgerding, Schniter, Rangan. AMP-inspired deep networks for sparse
// linear inverse problems. IEEE TSP 2017, eq. 8–10.
package amp

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// RootMeanSquare is the kernel of σ: input v (n×m), output n.
type RootMeanSquare struct{}

// SoftRows is the kernel of S_θ with a threshold a row: inputs u (n×d) and θ (n,
// 0 or above), output n×d.
type SoftRows struct{}

// Density is the kernel of ‖z‖₀/m: input z (n×d), output n.
type Density struct {
	M int // m, at least 1
}

var (
	_ opkit.Differentiable = RootMeanSquare{}
	_ opkit.Differentiable = SoftRows{}
)

func (RootMeanSquare) Ranks() (in []int, out int) { return []int{2}, 1 }
func (SoftRows) Ranks() (in []int, out int)       { return []int{2, 1}, 2 }
func (Density) Ranks() (in []int, out int)        { return []int{2}, 1 }

func (RootMeanSquare) Wrt() []bool { return []bool{true} }
func (SoftRows) Wrt() []bool       { return []bool{true, true} }

func (RootMeanSquare) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0]}, nil
}

func (SoftRows) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][0] != in[1][0] {
		return nil, errors.Wrapf(opkit.ErrInput, "amp: u has %d rows but θ length %d", in[0][0], in[1][0])
	}
	return in[0].Clone(), nil
}

func (k Density) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.M < 1 {
		return nil, errors.Wrapf(opkit.ErrInput, "amp: %d measurements, want at least 1", k.M)
	}
	return tensor.Shape{in[0][0]}, nil
}

func (RootMeanSquare) Bind32(a *opkit.Args[float32]) opkit.Run { return bindRMS(a) }
func (RootMeanSquare) Bind64(a *opkit.Args[float64]) opkit.Run { return bindRMS(a) }
func (SoftRows) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindSoftRows(a) }
func (SoftRows) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindSoftRows(a) }
func (k Density) Bind32(a *opkit.Args[float32]) opkit.Run      { return bindDensity(k, a) }
func (k Density) Bind64(a *opkit.Args[float64]) opkit.Run      { return bindDensity(k, a) }

func (RootMeanSquare) Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dv, err := opkit.Apply(rmsGrad{}, in[0], out, dout)
	return gorgonia.Nodes{dv}, err
}

func (SoftRows) Grad(_ gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	du, err := opkit.Apply(inputGrad{}, dout, out)
	if err != nil {
		return nil, err
	}
	dtheta, err := opkit.Apply(thetaGrad{}, dout, out)
	return gorgonia.Nodes{du, dtheta}, err
}

// rmsGrad is the kernel of ∂v: inputs v (n×m), σ (n) and D (n).
type rmsGrad struct{}

func (rmsGrad) Ranks() (in []int, out int)                    { return []int{2, 1, 1}, 2 }
func (rmsGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (rmsGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindRMSGrad(a) }
func (rmsGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindRMSGrad(a) }

// inputGrad is the kernel of ∂u: inputs D and out.
type inputGrad struct{}

func (inputGrad) Ranks() (in []int, out int)                    { return []int{2, 2}, 2 }
func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindInputGrad(a) }
func (inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindInputGrad(a) }

// thetaGrad is the kernel of ∂θ: inputs D and out, output n.
type thetaGrad struct{}

func (thetaGrad) Ranks() (in []int, out int)                    { return []int{2, 2}, 1 }
func (thetaGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0]}, nil }
func (thetaGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindThetaGrad(a) }
func (thetaGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindThetaGrad(a) }
