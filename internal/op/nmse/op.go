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

	"github.com/whitebox-nn/whitebox/op"
)

// NMSE is the op of E: inputs z and t (n×d), output a scalar.
type NMSE struct {
	DB bool // 10 log₁₀ E in place of E
}

// Spec implements op.Op.
func (k NMSE) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bind, bind),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(grad{k}, in[0], in[1], dout)), nil}
		},
		Wrt:    []bool{true, false},
		Device: k.device,
		Explain: func(op.Report) error {
			return errors.Wrap(op.ErrInput, "nmse: the target is 0: there is nothing to normalise by")
		},
	}
}

func (NMSE) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !in[0].Eq(in[1]) {
		return nil, op.Errorf("nmse: z is %v but the target is %v", in[0], in[1])
	}
	return tensor.ScalarShape(), nil
}

// grad is the op of ∂z: inputs z, t and the scalar dout.
type grad struct{ Of NMSE }

func (k grad) Spec() op.Spec {
	return op.Spec{
		In:            []op.Input{2, 2, 0},
		Kernel:        op.Both(k, bindGrad, bindGrad),
		Device:        k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) { return 16, nil }, // a factor and an exponent
	}
}
