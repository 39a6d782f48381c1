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
// It is not differentiable in t. Sums run in float64.
package nmse

import (
	"math"

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

// sums returns Σ (z − t)² and Σ t².
func sums[T opkit.Float](z, t []T) (e, norm float64) {
	for i, v := range t {
		r := float64(z[i]) - float64(v)
		e += r * r
		norm += float64(v) * float64(v)
	}
	return e, norm
}

func bind[T opkit.Float](k NMSE, a *opkit.Args[T]) opkit.Run {
	return func() error {
		e, norm := sums(a.In[0], a.In[1])
		if norm == 0 {
			return errors.Wrap(opkit.ErrInput, "nmse: the target is 0: there is nothing to normalise by")
		}
		if e /= norm; k.DB {
			e = 10 * math.Log10(e)
		}
		a.Out[0] = T(e)
		return nil
	}
}

func bindGrad[T opkit.Float](k grad, a *opkit.Args[T]) opkit.Run {
	return func() error {
		e, norm := sums(a.In[0], a.In[1])
		c := 2 * float64(a.In[2][0]) / norm
		if k.Of.DB {
			c *= 10 / math.Ln10 / (e / norm)
		}
		for i, v := range a.In[1] {
			a.Out[i] = T(c * (float64(a.In[0][i]) - float64(v)))
		}
		return nil
	}
}
