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
// Each is an op of its own, so that a gradient that is not needed (∂x of the first layer) is never computed.
//
// # Numerics
//
// 2nmd flops on nm + md + nd numbers, three times that with the gradients: bound
// by arithmetic for n above some tens. Sums run in the graph's dtype, but for ∂b,
// which is summed in float64.
package linear

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Affine is the op of y = xWᵀ + b: inputs x (n×m), W (d×m) and b (d), output
// n×d.
type Affine struct{}

// Map is the op of y = xWᵀ: inputs x (n×m) and W (d×m), output n×d.
type Map struct{}

// Spec implements op.Op.
func (k Affine) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2, 1},
		Kernel: op.Both(k, bindAffine, bindAffine),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return append(mapGrads(in, dout), op.Must(op.Apply(biasGrad{}, dout)))
		},
		FLOPs:  productFLOPs,
		Device: k.device,
	}
}

// Spec implements op.Op.
func (k Map) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindMap, bindMap),
		Shape:  k.shape,
		Grad:   func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes { return mapGrads(in, dout) },
		FLOPs:  productFLOPs,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return product(a, 0)
		},
	}
}

// mapGrads returns ∂x and ∂W.
func mapGrads(in gorgonia.Nodes, dout *gorgonia.Node) gorgonia.Nodes {
	return gorgonia.Nodes{op.Must(op.Apply(inputGrad{}, dout, in[1])), op.Must(op.Apply(weightGrad{}, dout, in[0]))}
}

func (Affine) shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[1][0] != in[2][0] {
		return nil, op.Errorf("linear: W is %d×%d but b has length %d, want %d", in[1][0], in[1][1], in[2][0], in[1][0])
	}
	return Map{}.shape(in[:2])
}

func (Map) shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][1] != in[1][1] {
		return nil, op.Errorf("linear: x is %d×%d but W is %d×%d, want it d×%d", in[0][0], in[0][1], in[1][0], in[1][1],
			in[0][1])
	}
	return tensor.Shape{in[0][0], in[1][0]}, nil
}

func productFLOPs(in []tensor.Shape) int64 {
	return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][0])
}

// inputGrad is the op of ∂x = D W: inputs D (n×d) and W (d×m), output n×m.
type inputGrad struct{}

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindInputGrad, bindInputGrad),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][0], in[1][1]}, nil },
		FLOPs:  func(in []tensor.Shape) int64 { return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][1]) },
		Device: k.device,
	}
}

// weightGrad is the op of ∂W = Dᵀ x: inputs D (n×d) and x (n×m), output d×m.
type weightGrad struct{}

func (k weightGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 2},
		Kernel: op.Both(k, bindWeightGrad, bindWeightGrad),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1], in[1][1]}, nil },
		FLOPs:  func(in []tensor.Shape) int64 { return 2 * int64(in[0][0]) * int64(in[0][1]) * int64(in[1][1]) },
		Device: k.device,
	}
}

// biasGrad is the op of ∂b = Σᵢ Dᵢ: input D (n×d), output d.
type biasGrad struct{}

func (k biasGrad) Spec() op.Spec {
	return op.Spec{
		In:        []op.Input{2},
		Kernel:    op.Both(k, bindBiasGrad, bindBiasGrad),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1]}, nil },
		Workspace: func(in []tensor.Shape) int { return in[0][1] },
		FLOPs:     op.Elements,
		Device:    k.device,
	}
}
