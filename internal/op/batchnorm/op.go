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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Stats is the kernel of the statistics of a batch: input x, output 2×c in
// float64: μ, then r.
type Stats struct {
	Rank int // of x: 2 or 4
	Eps  float64
}

// Fixed is the kernel of the same from running statistics: inputs the mean and the
// variance (c), output 2×c in float64.
type Fixed struct{ Eps float64 }

// Norm is the kernel of y: inputs x, its Stats or Fixed, γ and β (c), output as x.
type Norm struct {
	Rank  int
	Train bool // the statistics are x's own
	Add   bool // a fifth input, as x, is added
	ReLU  bool // the output is cut off at 0
}

// Running is the kernel of running statistics after a batch: inputs ρ (c) and the
// batch's Stats, output c.
type Running struct {
	Of       Stats
	Variance bool    // else the mean
	Momentum float64 // t
	Count    int     // m
}

// cut is the kernel of D where the output of Norm is above 0: inputs D and that.
type cut struct{ Rank int }

// sums is the kernel of s and q: inputs D, x, its statistics, γ and β, output 2×c
// in float64.
type sums struct{ Of Norm }

// row is the kernel of one row of 2×c in the graph's dtype, whose other input says
// what that is.
type row struct{ Which int }

// inputGrad is the kernel of ∂x: inputs D, x, its statistics, γ, β and the sums.
type inputGrad struct{ Of Norm }

var (
	_ opkit.Differentiable = Norm{}
	_ opkit.Wide           = Stats{}
)

func (k Stats) Ranks() (in []int, out int) { return []int{k.Rank}, 2 }
func (Fixed) Ranks() (in []int, out int)   { return []int{1, 1}, 2 }
func (Running) Ranks() (in []int, out int) { return []int{1, 2}, 1 }
func (k cut) Ranks() (in []int, out int)   { return []int{k.Rank, k.Rank}, k.Rank }
func (k sums) Ranks() (in []int, out int)  { return []int{k.Of.Rank, k.Of.Rank, 2, 1, 1}, 2 }
func (row) Ranks() (in []int, out int)     { return []int{2, 1}, 1 }
func (k inputGrad) Ranks() (in []int, out int) {
	return []int{k.Of.Rank, k.Of.Rank, 2, 1, 1, 2}, k.Of.Rank
}

func (k Norm) Ranks() (in []int, out int) {
	in = []int{k.Rank, 2, 1, 1}
	if k.Add {
		in = append(in, k.Rank)
	}
	return in, k.Rank
}

func (Stats) Wide() (in []bool, out bool)   { return []bool{false}, true }
func (Fixed) Wide() (in []bool, out bool)   { return []bool{false, false}, true }
func (Running) Wide() (in []bool, out bool) { return []bool{false, true}, false }
func (sums) Wide() (in []bool, out bool)    { return []bool{false, false, true, false, false}, true }
func (row) Wide() (in []bool, out bool)     { return []bool{true, false}, false }
func (inputGrad) Wide() (in []bool, out bool) {
	return []bool{false, false, true, false, false, true}, false
}

func (k Norm) Wide() (in []bool, out bool) {
	return []bool{false, true, false, false, false}[:k.inputs()], false
}

// inputs is the number of inputs.
func (k Norm) inputs() int {
	if k.Add {
		return 5
	}
	return 4
}

func (k Stats) Shape(in []tensor.Shape) (tensor.Shape, error) {
	x := in[0]
	if !(k.Eps >= 0) {
		return nil, errors.Wrapf(opkit.ErrInput, "batch norm: ε is %v, want it 0 or above", k.Eps)
	}
	if x.TotalSize() == x[1] {
		return nil, errors.Wrapf(opkit.ErrInput, "batch norm: x is %v: one number a channel has no variance", x)
	}
	return tensor.Shape{2, x[1]}, nil
}

func (k Fixed) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Eps >= 0) || in[0][0] != in[1][0] {
		return nil, errors.Wrapf(opkit.ErrInput, "batch norm: mean and variance have lengths %d and %d, and ε is %v, want one length and 0 or above", in[0][0], in[1][0], k.Eps)
	}
	return tensor.Shape{2, in[0][0]}, nil
}

func (k Norm) Shape(in []tensor.Shape) (tensor.Shape, error) {
	x, c := in[0], in[0][1]
	if in[1][1] != c || in[2][0] != c || in[3][0] != c {
		return nil, errors.Wrapf(opkit.ErrInput, "batch norm: x is %v but statistics, γ and β have lengths %d, %d and %d, want %d", x, in[1][1], in[2][0], in[3][0], c)
	}
	if k.Add && !in[4].Eq(x) {
		return nil, errors.Wrapf(opkit.ErrInput, "batch norm: x is %v but %v is to be added", x, in[4])
	}
	return x.Clone(), nil
}

func (k Running) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Momentum >= 0 && k.Momentum <= 1) {
		return nil, errors.Wrapf(opkit.ErrInput, "running statistics: momentum is %v, want it from 0 to 1", k.Momentum)
	}
	if in[1][0] != 2 || in[1][1] != in[0][0] {
		return nil, errors.Wrapf(opkit.ErrInput, "running statistics: length %d but the batch's are %v, want 2×%[1]d", in[0][0], in[1])
	}
	return in[0].Clone(), nil
}

func (cut) Shape(in []tensor.Shape) (tensor.Shape, error)       { return in[0].Clone(), nil }
func (sums) Shape(in []tensor.Shape) (tensor.Shape, error)      { return in[2].Clone(), nil }
func (row) Shape(in []tensor.Shape) (tensor.Shape, error)       { return tensor.Shape{in[0][1]}, nil }
func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (Norm) InPlace() int      { return 0 }
func (cut) InPlace() int       { return 0 }
func (inputGrad) InPlace() int { return 0 }

// Wrt: the gradient by x includes the way through its own statistics.
func (k Norm) Wrt() []bool { return []bool{true, false, true, true, true}[:k.inputs()] }

func (k Norm) Grad(in gorgonia.Nodes, out, dout *gorgonia.Node) (grads gorgonia.Nodes, err error) {
	defer build.Catch(&err, "batch norm")
	if k.Add && k.ReLU {
		dout = build.Must(opkit.Apply(cut{k.Rank}, dout, out))
	}
	of := Norm{Rank: k.Rank, Train: k.Train, ReLU: k.ReLU && !k.Add}
	s := build.Must(opkit.Apply(sums{of}, dout, in[0], in[1], in[2], in[3]))
	dx := build.Must(opkit.Apply(inputGrad{of}, dout, in[0], in[1], in[2], in[3], s))
	dbeta := build.Must(opkit.Apply(row{0}, s, in[3]))
	dgamma := build.Must(opkit.Apply(row{1}, s, in[2]))
	return gorgonia.Nodes{dx, nil, dgamma, dbeta, dout}[:k.inputs()], nil
}

func (k Stats) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindStats(k, a) }
func (k Stats) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindStats(k, a) }
func (k Fixed) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindFixed(k, a) }
func (k Fixed) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindFixed(k, a) }
func (k Norm) Bind32(a *opkit.Args[float32]) opkit.Run      { return bindNorm(k, a) }
func (k Norm) Bind64(a *opkit.Args[float64]) opkit.Run      { return bindNorm(k, a) }
func (k Running) Bind32(a *opkit.Args[float32]) opkit.Run   { return bindRunning(k, a) }
func (k Running) Bind64(a *opkit.Args[float64]) opkit.Run   { return bindRunning(k, a) }
func (k cut) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindCut(a) }
func (k cut) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindCut(a) }
func (k sums) Bind32(a *opkit.Args[float32]) opkit.Run      { return bindSums(k, a) }
func (k sums) Bind64(a *opkit.Args[float64]) opkit.Run      { return bindSums(k, a) }
func (k row) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindRow(k, a) }
func (k row) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindRow(k, a) }
func (k inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindInputGrad(k, a) }
func (k inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindInputGrad(k, a) }
