// Package unroll is one iteration of an unrolled thresholding algorithm.
//
//	Affine   u  = b + c·v Wᵀ
//	Step     z⁺ = S_θ(b + c·v Wᵀ)          S_θ(u) = sgn(u)·max(|u| − θ, 0)
//
// With b = x Bᵀ and v = z, Step is an iteration of LISTA in its network form,
// S_θ(Bx + Wz) [1]; with b = z and v = x − z Aᵀ, which is an Affine of c = −1, it
// is ISTA (W = Aᵀ/L) and LISTA-CP [2]. Samples are rows; the papers have them as
// columns and write W v.
//
// # Method
//
// b is copied to the output, or lies there already: the product is added to it by
// the micro-kernel, and the threshold is taken while a block of it is in cache
// (lin.GemmThen). So an iteration is one pass over its output and keeps nothing
// but that: memory is linear in the number of layers.
//
// # Gradient
//
// With D = ∂L/∂z⁺ where z⁺ ≠ 0 and 0 elsewhere (D = ∂L/∂u for Affine),
//
//	∂b = D      ∂v = c·D W      ∂W = c·Dᵀ v      ∂θⱼ = −Σᵢ Dᵢⱼ sgn z⁺ᵢⱼ
//
// Each is an op of its own, so that a gradient that is not needed is never computed. At |u| = θ, where S has a kink,
// D is 0. The gradient needs z⁺, v and W, but neither b nor u.
//
// # Numerics
//
// 2nkd flops for k columns of v, twice that for the gradients: bound by
// arithmetic for n above some tens. Sums run in the graph's dtype, but for ∂θ,
// whose blocks are added in float64.
//
// # References
//
//  1. Gregor, LeCun. Learning fast approximations of sparse coding. ICML 2010,
//     algorithm 3.
//  2. Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded ISTA and
//     its practical weights and thresholds. NeurIPS 2018, eq. 8.
package unroll

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Affine is the op of b + c·v Wᵀ: inputs b (n×d), v (n×k) and W (d×k), output
// n×d.
type Affine struct {
	C float64 // c, finite
}

// Step is the op of S_θ(b + c·v Wᵀ): inputs b (n×d), v (n×k), W (d×k) and θ
// (d, or 1 for all columns), output n×d.
type Step struct {
	C float64 // c, finite
}

// Spec implements op.Op.
func (k Affine) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2, 2},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindAffine, bindAffine),
		Shape:   k.shape,
		Grad:    func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes { return k.grad(in, dout) },
		FLOPs:   func(in []tensor.Shape) int64 { return productFLOPs(in[1], in[2]) },
		Device:  k.device,
	}
}

// Spec implements op.Op.
func (k Step) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2, 2, 1},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindStep, bindStep),
		Shape:   k.shape,
		Grad: func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			d := op.Must(op.Apply(mask{}, dout, out))
			dtheta := op.Must(op.Apply(thetaGrad{}, d, out, in[3]))
			return append(Affine(k).grad(in, d), dtheta)
		},
		// Scratch is a threshold for each column.
		Scratch: func(in []tensor.Shape) int { return in[0][1] },
		FLOPs:   func(in []tensor.Shape) int64 { return productFLOPs(in[1], in[2]) },
		Device:  k.device,
	}
}

// grad returns ∂b, ∂v and ∂W.
func (k Affine) grad(in gorgonia.Nodes, dout *gorgonia.Node) gorgonia.Nodes {
	dv := op.Must(op.Apply(inputGrad(k), dout, in[2]))
	return gorgonia.Nodes{dout, dv, op.Must(op.Apply(weightGrad(k), dout, in[1]))}
}

func (k Affine) shape(in []tensor.Shape) (tensor.Shape, error) {
	b, v, w := in[0], in[1], in[2]
	if b[0] != v[0] || b[1] != w[0] || v[1] != w[1] {
		return nil, op.Errorf("unroll: b is %d×%d, v %d×%d and W %d×%d, want n×d, n×k and d×k", b[0], b[1], v[0], v[1],
			w[0], w[1])
	}
	if math.IsNaN(k.C) || math.IsInf(k.C, 0) {
		return nil, op.Errorf("unroll: the factor is %v, want it finite", k.C)
	}
	return b.Clone(), nil
}

func (k Step) shape(in []tensor.Shape) (tensor.Shape, error) {
	if d, l := in[0][1], in[3][0]; l != d && l != 1 {
		return nil, op.Errorf("unroll: b is %d×%d but θ has length %d, want %d or 1", in[0][0], d, l, d)
	}
	return Affine(k).shape(in[:3])
}

// productFLOPs counts those of the product of a and the transpose of b.
func productFLOPs(a, b tensor.Shape) int64 { return 2 * int64(a[0]) * int64(a[1]) * int64(b[0]) }

// inputGrad is the op of ∂v = c·D W: inputs D (n×d) and W (d×k), output n×k.
type inputGrad struct{ C float64 }

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindInputGrad, bindInputGrad),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0], in[1][1]}, nil },
		FLOPs:  func(in []tensor.Shape) int64 { return 2 * int64(in[0][0]) * int64(in[1][0]) * int64(in[1][1]) },
		Device: k.device,
	}
}

// weightGrad is the op of ∂W = c·Dᵀ v: inputs D (n×d) and v (n×k), output d×k.
type weightGrad struct{ C float64 }

func (k weightGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindWeightGrad, bindWeightGrad),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1], in[1][1]}, nil },
		FLOPs:  func(in []tensor.Shape) int64 { return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][1]) },
		Device: k.device,
	}
}

// mask is the op of D: inputs dout and z⁺, both n×d, output n×d.
type mask struct{}

func (k mask) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{2, 2},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindMask, bindMask),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("unroll", ptx.Of("unroll/unroll"), "unroll_mask", launch.Elements(a.N()), launch.I(a.N()),
				a.Y(), a.X(0), a.X(1))
		},
	}
}

// thetaGrad is the op of ∂θ: inputs D (n×d), z⁺ (n×d) and θ, whose length its
// output has.
type thetaGrad struct{}

func (k thetaGrad) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{2, 2, 1},
		Kernel:    op.Both(k, bindThetaGrad, bindThetaGrad),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Workspace: func(in []tensor.Shape) int { return thetaWork(in[0][0], in[0][1], in[2][0]) },
		Device:    k.device,
	}
}
