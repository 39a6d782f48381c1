// Package shrink is soft thresholding: the proximal operator of θ‖·‖₁.
//
//	out[i,j] = sgn(x[i,j]) · max(|x[i,j]| − θ[j], 0)
//
// θ has one threshold for each column of the last axis, or one for all.
//
// # Gradient
//
// With s = sgn(out), which is ±1 where |x| > θ and 0 elsewhere, ∂out/∂x = s² and
// ∂out/∂θ = −s, so
//
//	∂L/∂x[i,j] = D[i,j]·s[i,j]²        ∂L/∂θ[j] = −Σᵢ D[i,j]·s[i,j]
//
// At |x| = θ, where out has a kink, both are taken as 0. The gradient needs out
// but not x.
//
// # Numerics
//
// One rounding an element; the sums of ∂θ run in float64. Bound by memory.
//
// # References
//
// Daubechies, Defrise, De Mol. An iterative thresholding algorithm for linear
// inverse problems with a sparsity constraint. CPAM 2004.
package shrink

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Soft is the op of soft thresholding: inputs x of any rank and θ (d, or 1 for all
// columns), d being the last axis of x.
type Soft struct{}

// Spec implements op.Op.
func (k Soft) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, 1}, InPlace: op.Take(0), Kernel: op.Both(k, bindSoft, bindSoft),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			x, theta := in[0], in[1]
			if d := x[len(x)-1]; theta[0] != d && theta[0] != 1 {
				return nil, op.Errorf("shrink: x is %v but θ has length %d, want %d or 1", x, theta[0], d)
			}
			return x.Clone(), nil
		},
		Grad: func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(inputGrad{}, dout, out)),
				op.Must(op.Apply(thetaGrad{}, dout, out, in[1]))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "soft", launch.Elements(a.N()), launch.I(a.N()), launch.I(last(a.Shape)),
				launch.I(a.Shapes[1][0]), a.Y(), a.X(0), a.X(1))
		},
	}
}

// inputGrad is the op of ∂L/∂x: inputs D and out.
type inputGrad struct{}

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, op.Any}, InPlace: op.Take(0), Kernel: op.Both(k, bindInputGrad, bindInputGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "input_grad", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
		},
	}
}

// thetaGrad is the op of ∂L/∂θ: inputs D, out and θ, whose length its output has.
type thetaGrad struct{}

func (k thetaGrad) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, op.Any, 1}, Kernel: op.Both(k, bindThetaGrad, bindThetaGrad),
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Workspace: func(in []tensor.Shape) int { return in[2][0] },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			n, d := a.Shapes[0].TotalSize(), last(a.Shapes[0])
			if a.Shape[0] == 1 && d > 1 {
				return kernel(a, "total_grad", launch.LongRows(1, n), launch.I(n), a.Y(), a.X(0), a.X(1))
			}
			return kernel(a, "theta_grad", launch.Columns(d), launch.I(n/d), launch.I(d), a.Y(), a.X(0), a.X(1))
		},
	}
}

func last(s tensor.Shape) int { return s[len(s)-1] }

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("shrink", ptx.Of("shrink/shrink"), "shrink_"+name, shape, args...)
}
