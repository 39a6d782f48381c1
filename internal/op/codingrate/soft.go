package codingrate

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// SoftFactor is the kernel of the Cholesky factors of all classes for soft
// memberships: inputs Z (n×d) and Π (n×k, not negative), output k×s×s, wide,
// s = min(n, d): of I + αⱼZᵀdiag(πⱼ)Z, or of I + αⱼ√πⱼ ZZᵀ √πⱼ where n < d.
type SoftFactor struct {
	Eps2 float64 // ε², above 0
}

var _ opkit.Wide = SoftFactor{}

func (SoftFactor) Ranks() (in []int, out int)  { return []int{2, 2}, 3 }
func (SoftFactor) Wide() (in []bool, out bool) { return []bool{false, false}, true }

func (k SoftFactor) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][0] != in[1][0] {
		return nil, errors.Wrapf(opkit.ErrInput, "soft class coding rate: %d samples but %d memberships", in[0][0], in[1][0])
	}
	s := min(in[0][0], in[0][1])
	return tensor.Shape{in[1][1], s, s}, checkEps2(k.Eps2)
}

// Workspace is the weighted samples of every class.
func (SoftFactor) Workspace(in []tensor.Shape) int { return in[1][1] * in[0][0] * in[0][1] }

func (SoftFactor) FLOPs(in []tensor.Shape) int64 {
	return int64(in[1][1]) * factorFLOPs(in[0][0], in[0][1])
}

func (k SoftFactor) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSoftFactor(k, a) }
func (k SoftFactor) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSoftFactor(k, a) }

// SoftRate is the kernel of Rᶜ(Z, Π): inputs Z (n×d), Π (n×k) and their
// SoftFactor, output a scalar. It is differentiable in Z and Π.
type SoftRate struct{ Of SoftFactor }

var _ opkit.Differentiable = SoftRate{}

func (SoftRate) Ranks() (in []int, out int)  { return []int{2, 2, 3}, 0 }
func (SoftRate) Wide() (in []bool, out bool) { return []bool{false, false, true}, false }
func (SoftRate) Wrt() []bool                 { return []bool{true, true, false} }

func (k SoftRate) Shape(in []tensor.Shape) (tensor.Shape, error) {
	want, err := k.Of.Shape(in[:2])
	if err != nil {
		return nil, err
	}
	if !in[2].Eq(want) {
		return nil, errors.Wrapf(opkit.ErrInput, "soft class coding rate: factor is %v, want %v", in[2], want)
	}
	return tensor.ScalarShape(), nil
}

func (k SoftRate) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := opkit.Apply(softGradZ{k}, in[0], in[1], in[2], dout)
	if err != nil {
		return nil, err
	}
	dpi, err := opkit.Apply(softGradPi{k}, in[0], in[1], in[2], dout)
	return gorgonia.Nodes{dz, dpi, nil}, err
}

func (k SoftRate) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSoftRate(a) }
func (k SoftRate) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSoftRate(a) }

// softGradZ is the kernel of dR · ∂Rᶜ/∂Z: inputs Z (n×d), Π (n×k), their
// SoftFactor and the scalar dR, output n×d.
type softGradZ struct{ Of SoftRate }

func (softGradZ) Ranks() (in []int, out int) { return []int{2, 2, 3, 0}, 2 }

func (softGradZ) Wide() (in []bool, out bool) { return []bool{false, false, true, false}, false }

func (softGradZ) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

// Workspace is the weighted samples and the gradient of one class, and its
// inverse in float64 and in T.
func (softGradZ) Workspace(in []tensor.Shape) int {
	n, d := in[0][0], in[0][1]
	return 2*n*d + inverseWork(n, d)
}

func (softGradZ) FLOPs(in []tensor.Shape) int64 {
	return int64(in[1][1]) * gradFLOPs(in[0][0], in[0][1])
}

func (k softGradZ) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSoftGradZ(k, a) }
func (k softGradZ) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSoftGradZ(k, a) }

// softGradPi is the kernel of dR · ∂Rᶜ/∂Π: inputs as those of softGradZ, output
// n×k.
type softGradPi struct{ Of SoftRate }

func (softGradPi) Ranks() (in []int, out int) { return []int{2, 2, 3, 0}, 2 }

func (softGradPi) Wide() (in []bool, out bool) { return []bool{false, false, true, false}, false }

func (softGradPi) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[1].Clone(), nil }

// Workspace is the samples in float64, an inverse, and its products: with the
// samples, or where n < d with their Gram matrix.
func (softGradPi) Workspace(in []tensor.Shape) int {
	n, d := in[0][0], in[0][1]
	if n < d {
		return n*d + 4*n*n
	}
	return 2*n*d + d*d
}

func (softGradPi) FLOPs(in []tensor.Shape) int64 {
	return int64(in[1][1]) * gradFLOPs(in[0][0], in[0][1])
}

func (k softGradPi) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSoftGradPi(k, a) }
func (k softGradPi) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSoftGradPi(k, a) }
