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
// Each is an op of its own, so that a gradient nobody asks for is never computed.
// At |u| = θ, where S has a kink, D is 0. The gradient needs z⁺, v and W, but
// neither b nor u.
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

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Affine is the kernel of b + c·v Wᵀ: inputs b (n×d), v (n×k) and W (d×k), output
// n×d.
type Affine struct {
	C float64 // c, finite
}

// Step is the kernel of S_θ(b + c·v Wᵀ): inputs b (n×d), v (n×k), W (d×k) and θ
// (d, or 1 for all columns), output n×d.
type Step struct {
	C float64 // c, finite
}

var (
	_ opkit.Differentiable = Affine{}
	_ opkit.Differentiable = Step{}
)

func (Affine) Ranks() (in []int, out int) { return []int{2, 2, 2}, 2 }
func (Step) Ranks() (in []int, out int)   { return []int{2, 2, 2, 1}, 2 }

func (Affine) Wrt() []bool { return []bool{true, true, true} }
func (Step) Wrt() []bool   { return []bool{true, true, true, true} }

func (k Affine) Shape(in []tensor.Shape) (tensor.Shape, error) {
	b, v, w := in[0], in[1], in[2]
	if b[0] != v[0] || b[1] != w[0] || v[1] != w[1] {
		return nil, errors.Wrapf(opkit.ErrInput, "unroll: b is %d×%d, v %d×%d and W %d×%d, want n×d, n×k and d×k", b[0], b[1], v[0], v[1], w[0], w[1])
	}
	if math.IsNaN(k.C) || math.IsInf(k.C, 0) {
		return nil, errors.Wrapf(opkit.ErrInput, "unroll: the factor is %v, want it finite", k.C)
	}
	return b.Clone(), nil
}

func (k Step) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if d, l := in[0][1], in[3][0]; l != d && l != 1 {
		return nil, errors.Wrapf(opkit.ErrInput, "unroll: b is %d×%d but θ has length %d, want %d or 1", in[0][0], d, l, d)
	}
	return Affine(k).Shape(in[:3])
}

func (Affine) InPlace() int { return 0 }
func (Step) InPlace() int   { return 0 }

// Scratch is a threshold for each column.
func (Step) Scratch(in []tensor.Shape) int { return in[0][1] }

func (Affine) FLOPs(in []tensor.Shape) int64 { return productFLOPs(in[1], in[2]) }
func (Step) FLOPs(in []tensor.Shape) int64   { return productFLOPs(in[1], in[2]) }

// productFLOPs counts those of the product of a and the transpose of b.
func productFLOPs(a, b tensor.Shape) int64 { return 2 * int64(a[0]) * int64(a[1]) * int64(b[0]) }

func (k Affine) Bind32(a *opkit.Args[float32]) opkit.Run { return bindAffine(k, a) }
func (k Affine) Bind64(a *opkit.Args[float64]) opkit.Run { return bindAffine(k, a) }
func (k Step) Bind32(a *opkit.Args[float32]) opkit.Run   { return bindStep(k, a) }
func (k Step) Bind64(a *opkit.Args[float64]) opkit.Run   { return bindStep(k, a) }

func (k Affine) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dv, err := opkit.Apply(inputGrad(k), dout, in[2])
	if err != nil {
		return nil, err
	}
	dw, err := opkit.Apply(weightGrad(k), dout, in[1])
	return gorgonia.Nodes{dout, dv, dw}, err
}

func (k Step) Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	d, err := opkit.Apply(mask{}, dout, out)
	if err != nil {
		return nil, err
	}
	dtheta, err := opkit.Apply(thetaGrad{}, d, out, in[3])
	if err != nil {
		return nil, err
	}
	grads, err := Affine(k).Grad(in[:3], nil, d)
	return append(grads, dtheta), err
}

// inputGrad is the kernel of ∂v = c·D W: inputs D (n×d) and W (d×k), output n×k.
type inputGrad struct{ C float64 }

func (inputGrad) Ranks() (in []int, out int) { return []int{2, 2}, 2 }

func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0], in[1][1]}, nil
}

func (inputGrad) FLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[1][0]) * int64(in[1][1])
}

func (k inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindInputGrad(k, a) }
func (k inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindInputGrad(k, a) }

// weightGrad is the kernel of ∂W = c·Dᵀ v: inputs D (n×d) and v (n×k), output d×k.
type weightGrad struct{ C float64 }

func (weightGrad) Ranks() (in []int, out int) { return []int{2, 2}, 2 }

func (weightGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][1], in[1][1]}, nil
}

func (weightGrad) FLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][1])
}

func (k weightGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindWeightGrad(k, a) }
func (k weightGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindWeightGrad(k, a) }

// mask is the kernel of D: inputs dout and z⁺, both n×d, output n×d.
type mask struct{}

func (mask) Ranks() (in []int, out int)                    { return []int{2, 2}, 2 }
func (mask) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (mask) InPlace() int                                  { return 0 }
func (mask) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindMask(a) }
func (mask) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindMask(a) }

// thetaGrad is the kernel of ∂θ: inputs D (n×d), z⁺ (n×d) and θ, whose length its
// output has.
type thetaGrad struct{}

func (thetaGrad) Ranks() (in []int, out int)                    { return []int{2, 2, 1}, 1 }
func (thetaGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil }
func (thetaGrad) Workspace(in []tensor.Shape) int               { return thetaWork(in[0][0], in[0][1], in[2][0]) }
func (thetaGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindThetaGrad(a) }
func (thetaGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindThetaGrad(a) }
