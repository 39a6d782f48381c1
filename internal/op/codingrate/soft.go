package codingrate

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// SoftFactor is the op of the Cholesky factors of all classes for soft
// memberships: inputs Z (n×d) and Π (n×k, not negative), output k×s×s, wide,
// s = min(n, d): of I + αⱼZᵀdiag(πⱼ)Z, or of I + αⱼ√πⱼ ZZᵀ √πⱼ where n < d.
type SoftFactor struct {
	Eps2 float64 // ε², above 0
}

// Spec implements op.Op.
func (k SoftFactor) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2},
		WideOut: true,
		Kernel:  op.Both(k, bindSoftFactor, bindSoftFactor),
		Shape:   k.shape,
		// Workspace is the weighted samples of every class.
		Workspace:     func(in []tensor.Shape) int { return in[1][1] * in[0][0] * in[0][1] },
		FLOPs:         func(in []tensor.Shape) int64 { return int64(in[1][1]) * factorFLOPs(in[0][0], in[0][1]) },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
		Explain:       k.explain,
	}
}

func (k SoftFactor) shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][0] != in[1][0] {
		return nil, op.Errorf("soft class coding rate: %d samples but %d memberships", in[0][0], in[1][0])
	}
	s := min(in[0][0], in[0][1])
	return tensor.Shape{in[1][1], s, s}, checkEps2(k.Eps2)
}

// SoftRate is the op of Rᶜ(Z, Π): inputs Z (n×d), Π (n×k) and their
// SoftFactor, output a scalar. It is differentiable in Z and Π.
type SoftRate struct{ Of SoftFactor }

// Spec implements op.Op.
func (k SoftRate) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2, op.Wide(3)},
		Kernel: op.Both(k, bindSoftRate, bindSoftRate),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			dz := op.Must(op.Apply(softGradZ{k}, in[0], in[1], in[2], dout))
			return gorgonia.Nodes{dz, op.Must(op.Apply(softGradPi{k}, in[0], in[1], in[2], dout)), nil}
		},
		Wrt:           []bool{true, true, false},
		Device:        k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) { return op.PiecesRoom(8 * a.Shapes[1][1]), nil },
	}
}

func (k SoftRate) shape(in []tensor.Shape) (tensor.Shape, error) {
	want, err := k.Of.shape(in[:2])
	if err != nil {
		return nil, err
	}
	if !in[2].Eq(want) {
		return nil, op.Errorf("soft class coding rate: factor is %v, want %v", in[2], want)
	}
	return tensor.ScalarShape(), nil
}

// softGradZ is the op of dR · ∂Rᶜ/∂Z: inputs Z (n×d), Π (n×k), their
// SoftFactor and the scalar dR, output n×d.
type softGradZ struct{ Of SoftRate }

func (k softGradZ) Spec() op.Spec {
	return op.Spec{
		In:            []op.Input{2, 2, op.Wide(3), 0},
		Kernel:        op.Both(k, bindSoftGradZ, bindSoftGradZ),
		Workspace:     k.workspace,
		FLOPs:         func(in []tensor.Shape) int64 { return int64(in[1][1]) * gradFLOPs(in[0][0], in[0][1]) },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
	}
}

// workspace is the weighted samples and the gradient of one class, and its
// inverse in float64 and in T.
func (softGradZ) workspace(in []tensor.Shape) int {
	n, d := in[0][0], in[0][1]
	return 2*n*d + inverseWork(n, d)
}

// softGradPi is the op of dR · ∂Rᶜ/∂Π: inputs as those of softGradZ, output
// n×k.
type softGradPi struct{ Of SoftRate }

func (k softGradPi) Spec() op.Spec {
	return op.Spec{
		In:            []op.Input{2, 2, op.Wide(3), 0},
		Kernel:        op.Both(k, bindSoftGradPi, bindSoftGradPi),
		Shape:         func(in []tensor.Shape) (tensor.Shape, error) { return in[1].Clone(), nil },
		Workspace:     k.workspace,
		FLOPs:         func(in []tensor.Shape) int64 { return int64(in[1][1]) * gradFLOPs(in[0][0], in[0][1]) },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
	}
}

// workspace is the samples in float64, an inverse, and its products: with the
// samples, or where n < d with their Gram matrix.
func (softGradPi) workspace(in []tensor.Shape) int {
	n, d := in[0][0], in[0][1]
	if n < d {
		return n*d + 4*n*n
	}
	return 2*n*d + d*d
}
