// Package reduce is sums and means.
//
//	Σ x     (1/N) Σ x     Σ x²     over all elements, the rows or the columns
//
// # Method
//
// Sums run in float64 whatever the dtype, in chunks of fixed size whose sums are
// added in order: the same bits on any number of workers, and an error that does
// not grow with the number of elements in float32.
//
// # Gradient
//
// With D = ∂L/∂out, ∂L/∂xᵢⱼ is c·D of the sum that xᵢⱼ is in, or c·D·2xᵢⱼ for
// squares, c being 1 or 1/N.
//
// # Numerics
//
// One number read a flop: bound by memory.
package reduce

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// Axis is what is summed over.
type Axis int

// The axes.
const (
	All  Axis = iota // every element; out is a scalar
	Rows             // the rows of x (n×d); out is d
	Cols             // the columns of x (n×d); out is n
)

// Sum is the kernel of the sum of x, or of x².
type Sum struct {
	Over    Axis
	Mean    bool // divide by the number of summands
	Squares bool
	Rank    int // of x; 2 unless Over is All
}

var _ opkit.Differentiable = Sum{}

func (k Sum) Ranks() (in []int, out int) {
	if k.Over == All {
		return []int{k.Rank}, 0
	}
	return []int{k.Rank}, 1
}

func (k Sum) Shape(in []tensor.Shape) (tensor.Shape, error) {
	switch k.Over {
	case Rows:
		return tensor.Shape{in[0][1]}, nil
	case Cols:
		return tensor.Shape{in[0][0]}, nil
	}
	return tensor.ScalarShape(), nil
}

// Workspace is the sum of each chunk, or of each column.
func (k Sum) Workspace(in []tensor.Shape) int {
	if k.Over == Rows {
		return in[0][1]
	}
	return in[0].TotalSize()/grain + 1
}

func (Sum) Wrt() []bool                   { return []bool{true} }
func (Sum) FLOPs(in []tensor.Shape) int64 { return int64(in[0].TotalSize()) }

func (k Sum) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(spread{k}, in[0], dout)
	return gorgonia.Nodes{dx}, err
}

func (k Sum) Bind32(a *opkit.Args[float32]) opkit.Run { return bindSum(k, a) }
func (k Sum) Bind64(a *opkit.Args[float64]) opkit.Run { return bindSum(k, a) }

// spread is the kernel of Sum's gradient: inputs x and D, output in x's shape.
type spread struct{ Of Sum }

func (k spread) Ranks() (in []int, out int) {
	x, d := k.Of.Ranks()
	return append(x, d), k.Of.Rank
}

func (k spread) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }
func (k spread) FLOPs(in []tensor.Shape) int64                 { return int64(in[0].TotalSize()) }
func (k spread) Bind32(a *opkit.Args[float32]) opkit.Run       { return bindSpread(k.Of, a) }
func (k spread) Bind64(a *opkit.Args[float64]) opkit.Run       { return bindSpread(k.Of, a) }
