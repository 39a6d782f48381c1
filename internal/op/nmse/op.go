// Package nmse is the normalised mean squared error,
//
//	E = Σ (z − t)² / Σ t²
//
// over all elements of a batch, and in decibels, 10 log₁₀ E. It is a ratio of sums,
// not the mean of the samples' ratios.
//
// # Gradient
//
//	∂E/∂z = 2 (z − t) / Σ t²        ∂(10 log₁₀ E)/∂z = (10/ln 10) · ∂E/∂z / E
//
// It is not differentiable in t.
//
// # Numerics
//
// Sums run in float64. Bound by memory.
package nmse

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// NMSE is the kernel of E: inputs z and t (n×d), output a scalar.
type NMSE struct {
	DB bool // 10 log₁₀ E in place of E
}

var _ opkit.Differentiable = NMSE{}

func (NMSE) Ranks() (in []int, out int)                { return []int{2, 2}, 0 }
func (NMSE) Wrt() []bool                               { return []bool{true, false} }
func (k NMSE) Bind32(a *opkit.Args[float32]) opkit.Run { return bind(k, a) }
func (k NMSE) Bind64(a *opkit.Args[float64]) opkit.Run { return bind(k, a) }

func (NMSE) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) {
		return nil, errors.Wrapf(opkit.ErrInput, "nmse: z is %v but the target is %v", in[0], in[1])
	}
	return tensor.ScalarShape(), nil
}

func (k NMSE) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := opkit.Apply(grad{k}, in[0], in[1], dout)
	return gorgonia.Nodes{dz, nil}, err
}

// grad is the kernel of ∂z: inputs z, t and the scalar dout.
type grad struct{ Of NMSE }

func (grad) Ranks() (in []int, out int)                    { return []int{2, 2, 0}, 2 }
func (grad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k grad) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindGrad(k, a) }
func (k grad) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindGrad(k, a) }
