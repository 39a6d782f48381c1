// Package linear is the affine map of each sample.
//
//	y = x Wᵀ + b
//
// # Method
//
// One matrix product whose epilogue adds the bias while a tile of y is in cache
// (lin.GemmBias).
//
// # Gradient
//
// With D = ∂L/∂y,
//
//	∂x = D W        ∂W = Dᵀ x        ∂b = Σᵢ Dᵢ
//
// Each is an op of its own, so that a gradient nobody asks for (∂x of the first
// layer) is never computed.
//
// # Numerics
//
// 2nmd flops on nm + md + nd numbers, three times that with the gradients: bound
// by arithmetic for n above some tens. Sums run in the graph's dtype, but for ∂b,
// which is summed in float64.
package linear

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Affine is the kernel of y = xWᵀ + b: inputs x (n×m), W (d×m) and b (d), output
// n×d.
type Affine struct{}

// Map is the kernel of y = xWᵀ: inputs x (n×m) and W (d×m), output n×d.
type Map struct{}

var (
	_ opkit.Differentiable = Affine{}
	_ opkit.Differentiable = Map{}
)

func (Affine) Ranks() (in []int, out int) { return []int{2, 2, 1}, 2 }
func (Map) Ranks() (in []int, out int)    { return []int{2, 2}, 2 }

func (Affine) Wrt() []bool { return []bool{true, true, true} }
func (Map) Wrt() []bool    { return []bool{true, true} }

func (Affine) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[1][0] != in[2][0] {
		return nil, errors.Wrapf(opkit.ErrInput, "linear: W is %d×%d but b has length %d, want %d", in[1][0], in[1][1], in[2][0], in[1][0])
	}
	return Map{}.Shape(in[:2])
}

func (Map) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][1] != in[1][1] {
		return nil, errors.Wrapf(opkit.ErrInput, "linear: x is %d×%d but W is %d×%d, want it d×%d", in[0][0], in[0][1], in[1][0], in[1][1], in[0][1])
	}
	return tensor.Shape{in[0][0], in[1][0]}, nil
}

func (Affine) FLOPs(in []tensor.Shape) int64 { return productFLOPs(in) }
func (Map) FLOPs(in []tensor.Shape) int64    { return productFLOPs(in) }

func productFLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][0])
}

func (Affine) Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	grads, err := Map{}.Grad(in[:2], out, dout)
	if err != nil {
		return nil, err
	}
	db, err := opkit.Apply(biasGrad{}, dout)
	return append(grads, db), err
}

func (Map) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(inputGrad{}, dout, in[1])
	if err != nil {
		return nil, err
	}
	dw, err := opkit.Apply(weightGrad{}, dout, in[0])
	return gorgonia.Nodes{dx, dw}, err
}

func (Affine) Bind32(a *opkit.Args[float32]) opkit.Run { return bindAffine(a) }
func (Affine) Bind64(a *opkit.Args[float64]) opkit.Run { return bindAffine(a) }
func (Map) Bind32(a *opkit.Args[float32]) opkit.Run    { return bindMap(a) }
func (Map) Bind64(a *opkit.Args[float64]) opkit.Run    { return bindMap(a) }

// inputGrad is the kernel of ∂x = D W: inputs D (n×d) and W (d×m), output n×m.
type inputGrad struct{}

func (inputGrad) Ranks() (in []int, out int) { return []int{2, 2}, 2 }

func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][0], in[1][1]}, nil
}

func (inputGrad) FLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][1])
}

func (inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindInputGrad(a) }
func (inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindInputGrad(a) }

// weightGrad is the kernel of ∂W = Dᵀ x: inputs D (n×d) and x (n×m), output d×m.
type weightGrad struct{}

func (weightGrad) Ranks() (in []int, out int) { return []int{2, 2}, 2 }

func (weightGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{in[0][1], in[1][1]}, nil
}

func (weightGrad) FLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][1])
}

func (weightGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindWeightGrad(a) }
func (weightGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindWeightGrad(a) }

// biasGrad is the kernel of ∂b = Σᵢ Dᵢ: input D (n×d), output d.
type biasGrad struct{}

func (biasGrad) Ranks() (in []int, out int)                    { return []int{2}, 1 }
func (biasGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1]}, nil }
func (biasGrad) Workspace(in []tensor.Shape) int               { return in[0][1] }
func (biasGrad) FLOPs(in []tensor.Shape) int64                 { return int64(in[0].TotalSize()) }
func (biasGrad) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindBiasGrad(a) }
func (biasGrad) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindBiasGrad(a) }
