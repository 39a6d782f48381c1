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
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// RootMeanSquare is the op of σ: input v (n×m), output n.
type RootMeanSquare struct{}

// SoftRows is the op of S_θ with a threshold a row: inputs u (n×d) and θ (n,
// 0 or above), output n×d.
type SoftRows struct{}

// Density is the op of ‖z‖₀/m: input z (n×d), output n.
type Density struct {
	M int // m, at least 1
}

// Spec implements op.Op.
func (k RootMeanSquare) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2},
		Kernel: op.Both(k, bindRMS, bindRMS),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0]}, nil },
		Grad: func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(rmsGrad{}, in[0], out, dout))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "rms", true, a.X(0))
		},
	}
}

// Spec implements op.Op.
func (k SoftRows) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 1},
		Kernel: op.Both(k, bindSoftRows, bindSoftRows),
		Shape:  k.shape,
		Grad: func(_ gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			du := op.Must(op.Apply(inputGrad{}, dout, out))
			return gorgonia.Nodes{du, op.Must(op.Apply(thetaGrad{}, dout, out))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "soft_rows", false, a.X(0), a.X(1))
		},
	}
}

// Spec implements op.Op.
func (k Density) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2},
		Kernel: op.Both(k, bindDensity, bindDensity),
		Shape:  k.shape,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "density", true, a.X(0), launch.F64(float64(k.M)))
		},
	}
}

func (SoftRows) shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][0] != in[1][0] {
		return nil, op.Errorf("amp: u has %d rows but θ length %d", in[0][0], in[1][0])
	}
	return in[0].Clone(), nil
}

func (k Density) shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.M < 1 {
		return nil, op.Errorf("amp: %d measurements, want at least 1", k.M)
	}
	return tensor.Shape{in[0][0]}, nil
}

// rmsGrad is the op of ∂v: inputs v (n×m), σ (n) and D (n).
type rmsGrad struct{}

func (k rmsGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 1, 1},
		Kernel: op.Both(k, bindRMSGrad, bindRMSGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "rms_grad", false, a.X(0), a.X(1), a.X(2))
		},
	}
}

// inputGrad is the op of ∂u: inputs D and out.
type inputGrad struct{}

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindInputGrad, bindInputGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("amp", ptx.Of("amp/amp"), "amp_input_grad", launch.Elements(a.N()), launch.I(a.N()), a.Y(),
				a.X(0), a.X(1))
		},
	}
}

// thetaGrad is the op of ∂θ: inputs D and out, output n.
type thetaGrad struct{}

func (k thetaGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindThetaGrad, bindThetaGrad),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0]}, nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "theta_grad", true, a.X(0), a.X(1))
		},
	}
}
