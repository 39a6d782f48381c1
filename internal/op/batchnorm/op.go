// Package batchnorm standardizes channels over a batch.
//
//	y[i,c,p] = γ[c] · (x[i,c,p] − μ[c]) / √(σ²[c] + ε) + β[c]
//
// for x of shape n×c or n×c×h×w, whose samples i and pixels p are m numbers a
// channel. In training μ and σ² are the mean and the biased variance of these; in
// evaluation they are running statistics, which the layer owns.
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
// computed once.
//
// # Numerics
//
// Sums run in float64, about the channel's first number, which keeps the digits of
// channels that are far from 0. Bound by memory: x is read twice in the forward
// pass, x and D twice in the backward pass.
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
}

// Running is the kernel of running statistics after a batch: inputs ρ (c) and the
// batch's Stats, output c.
type Running struct {
	Of       Stats
	Variance bool    // else the mean
	Momentum float64 // t
	Count    int     // m
}

// sums is the kernel of s and q: inputs D, x and its statistics, output 2×c in
// float64.
type sums struct{ Of Norm }

// row is the kernel of one row of 2×c in the graph's dtype, whose other input says
// what that is.
type row struct{ Which int }

// inputGrad is the kernel of ∂x: inputs D, x, its statistics, γ and the sums.
type inputGrad struct{ Of Norm }

var (
	_ opkit.Differentiable = Norm{}
	_ opkit.Wide           = Stats{}
)

func (k Stats) Ranks() (in []int, out int) { return []int{k.Rank}, 2 }
func (Fixed) Ranks() (in []int, out int)   { return []int{1, 1}, 2 }
func (k Norm) Ranks() (in []int, out int)  { return []int{k.Rank, 2, 1, 1}, k.Rank }
func (Running) Ranks() (in []int, out int) { return []int{1, 2}, 1 }
func (k sums) Ranks() (in []int, out int)  { return []int{k.Of.Rank, k.Of.Rank, 2}, 2 }
func (row) Ranks() (in []int, out int)     { return []int{2, 1}, 1 }
func (k inputGrad) Ranks() (in []int, out int) {
	return []int{k.Of.Rank, k.Of.Rank, 2, 1, 2}, k.Of.Rank
}

func (Stats) Wide() (in []bool, out bool)   { return []bool{false}, true }
func (Fixed) Wide() (in []bool, out bool)   { return []bool{false, false}, true }
func (Norm) Wide() (in []bool, out bool)    { return []bool{false, true, false, false}, false }
func (Running) Wide() (in []bool, out bool) { return []bool{false, true}, false }
func (sums) Wide() (in []bool, out bool)    { return []bool{false, false, true}, true }
func (row) Wide() (in []bool, out bool)     { return []bool{true, false}, false }
func (inputGrad) Wide() (in []bool, out bool) {
	return []bool{false, false, true, false, true}, false
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

func (Fixed) Shape(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{2, in[0][0]}, nil }

func (k Norm) Shape(in []tensor.Shape) (tensor.Shape, error) {
	x, c := in[0], in[0][1]
	if in[1][1] != c || in[2][0] != c || in[3][0] != c {
		return nil, errors.Wrapf(opkit.ErrInput, "batch norm: x is %v but statistics, γ and β have lengths %d, %d and %d, want %d", x, in[1][1], in[2][0], in[3][0], c)
	}
	return x.Clone(), nil
}

func (Running) Shape(in []tensor.Shape) (tensor.Shape, error)   { return in[0].Clone(), nil }
func (sums) Shape(in []tensor.Shape) (tensor.Shape, error)      { return in[2].Clone(), nil }
func (row) Shape(in []tensor.Shape) (tensor.Shape, error)       { return tensor.Shape{in[0][1]}, nil }
func (inputGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (Norm) InPlace() int      { return 0 }
func (inputGrad) InPlace() int { return 0 }

// Wrt: the gradient by x includes the way through its own statistics.
func (Norm) Wrt() []bool { return []bool{true, false, true, true} }

func (k Norm) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	s, err := opkit.Apply(sums{k}, dout, in[0], in[1])
	if err != nil {
		return nil, err
	}
	dx, err := opkit.Apply(inputGrad{k}, dout, in[0], in[1], in[2], s)
	if err != nil {
		return nil, err
	}
	dbeta, err := opkit.Apply(row{0}, s, in[3])
	if err != nil {
		return nil, err
	}
	dgamma, err := opkit.Apply(row{1}, s, in[2])
	return gorgonia.Nodes{dx, nil, dgamma, dbeta}, err
}

func (k Stats) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindStats(k, a) }
func (k Stats) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindStats(k, a) }
func (k Fixed) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindFixed(k, a) }
func (k Fixed) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindFixed(k, a) }
func (k Norm) Bind32(a *opkit.Args[float32]) opkit.Run      { return bindNorm(a) }
func (k Norm) Bind64(a *opkit.Args[float64]) opkit.Run      { return bindNorm(a) }
func (k Running) Bind32(a *opkit.Args[float32]) opkit.Run   { return bindRunning(k, a) }
func (k Running) Bind64(a *opkit.Args[float64]) opkit.Run   { return bindRunning(k, a) }
func (k sums) Bind32(a *opkit.Args[float32]) opkit.Run      { return bindSums(a) }
func (k sums) Bind64(a *opkit.Args[float64]) opkit.Run      { return bindSums(a) }
func (k row) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindRow(k, a) }
func (k row) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindRow(k, a) }
func (k inputGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindInputGrad(k, a) }
func (k inputGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindInputGrad(k, a) }
