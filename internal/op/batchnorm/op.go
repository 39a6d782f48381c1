// Package batchnorm standardizes channels over a batch.
//
//	y[i,c,p] = γ[c] · (x[i,c,p] − μ[c]) / √(σ²[c] + ε) + β[c]
//
// for x of shape n×c or n×c×h×w, whose samples i and pixels p are m numbers a
// channel. In training μ and σ² are the mean and the biased variance of these; in
// evaluation they are running statistics, which the layer owns. What usually
// follows is done in the same pass over memory: y + s, for s of x's shape, and
// max(y, 0), or both in this order.
//
// # Method
//
// The statistics are an op of their own, with an output of 2×c: μ, and r =
// 1/√(σ² + ε). So forward and backward share them, and a layer can read them.
// Running statistics come from them by another op,
//
//	ρ ← (1 − t)ρ + t·μ        ρ ← (1 − t)ρ + t·σ²·m/(m−1)
//
// # Gradient
//
// With D = ∂L/∂y, x̂ = (x − μ)r, s = Σ D and q = Σ D x̂ over a channel,
//
//	∂L/∂β = s      ∂L/∂γ = q      ∂L/∂x = γr (D − s/m − x̂ q/m)
//
// and ∂L/∂x = γrD where the statistics are not x's own. s and q, again 2×c, are
// computed once. Where max(·, 0) follows, D is 0 where it cut off: that is computed
// from x again, by the same multiply-add, and needs no tensor of its own. Where s is
// added too, the D that was cut off is ∂L/∂s, a tensor of its own.
//
// # Numerics
//
// Sums run in float64, about the channel's first number, and once more about the mean
// where that number is many standard deviations away, so that channels that are far from
// 0 keep their digits; and scaled by a power of 2 where squares are beyond float64. From
// x the mean is taken off in two parts before anything is multiplied, so that a channel
// that is constant gives β, whatever its value is. A running statistic that the dtype
// cannot hold is an error. Bound by memory: x is read twice in the forward pass, x and D
// twice in the backward pass.
//
// # References
//
// Ioffe, Szegedy. Batch normalization: accelerating deep network training by
// reducing internal covariate shift. ICML 2015, algorithms 1 and 2; the running
// variance is unbiased, as PyTorch's.
package batchnorm

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Stats is the op of the statistics of a batch: input x, output 2×c in
// float64: μ, then r.
type Stats struct {
	Eps float64
}

// Fixed is the op of the same from running statistics: inputs the mean and the
// variance (c), output 2×c in float64.
type Fixed struct{ Eps float64 }

// Norm is the op of y: inputs x, its Stats or Fixed, γ and β (c), output as x.
type Norm struct {
	Train bool // the statistics are x's own
	Add   bool // a fifth input, as x, is added
	ReLU  bool // the output is cut off at 0
}

// Running is the op of running statistics after a batch: inputs ρ (c) and the
// batch's Stats, output c.
type Running struct {
	Of       Stats
	Variance bool    // else the mean
	Momentum float64 // t
	Count    int     // m
}

// cut is the op of D where the output of Norm is above 0: inputs D and that.
type cut struct{}

// sums is the op of s and q: inputs D, x, its statistics, γ and β, output 2×c
// in float64.
type sums struct{ Of Norm }

// row is the op of one row of 2×c in the graph's dtype, whose other input says
// what that is.
type row struct{ Which int }

// inputGrad is the op of ∂x: inputs D, x, its statistics, γ, β and the sums.
type inputGrad struct{ Of Norm }

// Spec implements op.Op.
func (k Stats) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any},
		WideOut: true,
		Kernel:  op.Both(k, bindStats, bindStats),
		Shape:   k.shape,
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "stats", blocksOf(a.Shapes[0]), layoutArgs(a.Shapes[0], a.Y(), a.X(0),
				launch.F64(k.Eps))...)
		},
	}
}

// Spec implements op.Op.
func (k Fixed) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{1, 1},
		WideOut: true,
		Kernel:  op.Both(k, bindFixed, bindFixed),
		Shape:   k.shape,
		Device:  k.device,
	}
}

// Spec implements op.Op.
func (k Running) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{1, op.Wide(2)},
		Kernel:  op.Both(k, bindRunning, bindRunning),
		Shape:   k.shape,
		Device:  k.device,
		Explain: func(f op.Report) error { return k.tooLarge(f.Number) },
	}
}

func (k cut) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Any},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindCut, bindCut),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "cut", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
		},
	}
}

func (k sums) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Any, op.Wide(2), 1, 1},
		WideOut: true,
		Kernel:  op.Both(k, bindSums, bindSums),
		Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return in[2].Clone(), nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "sums", blocksOf(a.Shapes[0]), layoutArgs(a.Shapes[0], a.Y(), a.X(0), a.X(1), a.X(2),
				a.X(3), a.X(4), launch.B(k.Of.ReLU))...)
		},
	}
}

func (k row) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{op.Wide(2), 1},
		Kernel: op.Both(k, bindRow, bindRow),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1]}, nil },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "row", launch.Elements(a.N()), launch.I(a.N()), a.Y(),
				launch.P(a.In[0]+launch.Ptr(8*k.Which*a.N())))
		},
	}
}

func (k inputGrad) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Any, op.Wide(2), 1, 1, op.Wide(2)},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindInputGrad, bindInputGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "input_grad", launch.Elements(a.N()), layoutArgs(a.Shape, a.Y(), a.X(0), a.X(1), a.X(2),
				a.X(3), a.X(4), a.X(5), launch.B(k.Of.Train), launch.B(k.Of.ReLU))...)
		},
	}
}

// Spec implements op.Op.
func (k Norm) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Wide(2), 1, 1, op.Any}[:k.inputs()],
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindNorm, bindNorm),
		Shape:   k.shape,
		Grad: func(in gorgonia.Nodes, out, dout *gorgonia.Node) gorgonia.Nodes {
			if k.Add && k.ReLU {
				dout = op.Must(op.Apply(cut{}, dout, out))
			}
			of := Norm{Train: k.Train, ReLU: k.ReLU && !k.Add}
			s := op.Must(op.Apply(sums{of}, dout, in[0], in[1], in[2], in[3]))
			dx := op.Must(op.Apply(inputGrad{of}, dout, in[0], in[1], in[2], in[3], s))
			dbeta := op.Must(op.Apply(row{0}, s, in[3]))
			dgamma := op.Must(op.Apply(row{1}, s, in[2]))
			return gorgonia.Nodes{dx, nil, dgamma, dbeta, dout}[:k.inputs()]
		},
		// The gradient by x includes the way through its own statistics.
		Wrt:    []bool{true, false, true, true, true}[:k.inputs()],
		Device: k.device,
	}
}

// inputs is the number of inputs.
func (k Norm) inputs() int {
	if k.Add {
		return 5
	}
	return 4
}

func (k Stats) shape(in []tensor.Shape) (tensor.Shape, error) {
	x := in[0]
	if len(x) != 2 && len(x) != 4 {
		return nil, op.Errorf("batch norm: x is %v, want n×c or n×c×h×w", x)
	}
	if !(k.Eps >= 0) {
		return nil, op.Errorf("batch norm: ε is %v, want it 0 or above", k.Eps)
	}
	if x.TotalSize() == x[1] {
		return nil, op.Errorf("batch norm: x is %v: one number a channel has no variance", x)
	}
	return tensor.Shape{2, x[1]}, nil
}

func (k Fixed) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Eps >= 0) || in[0][0] != in[1][0] {
		return nil, op.Errorf(
			"batch norm: mean and variance have lengths %d and %d, and ε is %v, want one length and 0 or above",
			in[0][0], in[1][0], k.Eps)
	}
	return tensor.Shape{2, in[0][0]}, nil
}

func (k Norm) shape(in []tensor.Shape) (tensor.Shape, error) {
	x := in[0]
	if len(x) != 2 && len(x) != 4 {
		return nil, op.Errorf("batch norm: x is %v, want n×c or n×c×h×w", x)
	}
	c := x[1]
	if in[1][1] != c || in[2][0] != c || in[3][0] != c {
		return nil, op.Errorf("batch norm: x is %v but statistics, γ and β have lengths %d, %d and %d, want %d", x,
			in[1][1], in[2][0], in[3][0], c)
	}
	if k.Add && !in[4].Eq(x) {
		return nil, op.Errorf("batch norm: x is %v but %v is to be added", x, in[4])
	}
	return x.Clone(), nil
}

func (k Running) shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Momentum >= 0 && k.Momentum <= 1) {
		return nil, op.Errorf("running statistics: momentum is %v, want it from 0 to 1", k.Momentum)
	}
	if in[1][0] != 2 || in[1][1] != in[0][0] {
		return nil, op.Errorf("running statistics: length %d but the batch's are %v, want 2×%[1]d", in[0][0], in[1])
	}
	return in[0].Clone(), nil
}
