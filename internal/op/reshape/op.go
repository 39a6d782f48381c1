// Package reshape is the same elements in another shape.
//
// # Method
//
// The engine lets the output take the input's memory where nobody reads the
// input again; elsewhere it is a copy. Gorgonia's own Reshape always aliases,
// and an op that works in place then overwrites the original.
//
// # Gradient
//
// ∂L/∂x is ∂L/∂out in the shape of x.
package reshape

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// MaxRank is the highest rank of a tensor.
const MaxRank = 5

// Reshape is the kernel that gives x of rank From the shape To[:Rank].
type Reshape struct {
	From, Rank int
	To         [MaxRank]int
}

var _ opkit.Differentiable = Reshape{}

// New returns the kernel for a tensor of rank from and a shape.
func New(from int, shape []int) (Reshape, error) {
	if len(shape) > MaxRank || len(shape) == 0 {
		return Reshape{}, errors.Wrapf(opkit.ErrInput, "reshape: to %v, want from 1 to %d dimensions", shape, MaxRank)
	}
	k := Reshape{From: from, Rank: len(shape)}
	copy(k.To[:], shape)
	return k, nil
}

func (k Reshape) Ranks() (in []int, out int) { return []int{k.From}, k.Rank }

func (k Reshape) Shape(in []tensor.Shape) (tensor.Shape, error) {
	to := tensor.Shape(k.To[:k.Rank]).Clone()
	if to.TotalSize() != in[0].TotalSize() {
		return nil, errors.Wrapf(opkit.ErrInput, "reshape: %v has %d elements but %v has %d", in[0], in[0].TotalSize(), to, to.TotalSize())
	}
	return to, nil
}

func (Reshape) Wrt() []bool                               { return []bool{true} }
func (Reshape) InPlace() int                              { return 0 }
func (k Reshape) Bind32(a *opkit.Args[float32]) opkit.Run { return bind(a) }
func (k Reshape) Bind64(a *opkit.Args[float64]) opkit.Run { return bind(a) }

func (k Reshape) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	back, err := New(k.Rank, in[0].Shape())
	if err != nil {
		return nil, err
	}
	dx, err := opkit.Apply(back, dout)
	return gorgonia.Nodes{dx}, err
}
