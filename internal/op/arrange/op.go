// Package arrange is the same elements in other places.
//
//	Concat     tensors one after the other along an axis
//	Slice      the part from lo to hi, hi excluded, of an axis
//	Transpose  out[i_a₀, i_a₁, …] = x[i₀, i₁, …]: axis k of out is axis aₖ of x
//
// # Method
//
// About an axis a tensor is matrices: a row for each place before the axis, in which the
// axis and what comes after it lie together. Concat and Slice copy parts of rows. Transpose
// copies where the last axis stays, and else transposes the matrices of the last axis of x
// and the last of out, in blocks.
//
// # Gradient
//
// Of Concat it is slices of D; of Slice, D among zeros; of Transpose, D transposed back.
//
// # Numerics
//
// Exact. Bound by memory.
package arrange

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Concat is the op of N tensors one after the other: inputs alike but for Axis.
type Concat struct{ N, Axis int }

// Slice is the op of the part from Lo to Hi of Axis, for x of any rank from 1.
type Slice struct{ Axis, Lo, Hi int }

// place is the op of D among zeros: Axis of out has Size places, D is those from Lo on.
type place struct{ Axis, Lo, Size int }

// MaxRank is the highest rank that Transpose takes.
const MaxRank = 5

// Transpose is the op that makes axis Axes[k] of x, for x of rank Rank(Axes), axis k.
type Transpose struct {
	Axes [MaxRank]int // −1 beyond the last
}

// NewTranspose returns the op for as many axes as x has.
func NewTranspose(axes []int) (Transpose, error) {
	seen := [MaxRank]bool{}
	bad := len(axes) > MaxRank
	for _, a := range axes {
		bad = bad || a < 0 || a >= len(axes) || seen[a]
		if !bad {
			seen[a] = true
		}
	}
	if bad {
		return Transpose{}, op.Errorf("transpose: axes %v, want each of 0, 1, … once, %d at most", axes, MaxRank)
	}
	k := Transpose{}
	for i := range k.Axes {
		if k.Axes[i] = -1; i < len(axes) {
			k.Axes[i] = axes[i]
		}
	}
	return k, nil
}

// axes returns those that there are.
func (k Transpose) axes() []int {
	if i := slices.Index(k.Axes[:], -1); i >= 0 {
		return k.Axes[:i]
	}
	return k.Axes[:]
}

// Spec implements op.Op.
func (k Concat) Spec() op.Spec {
	return op.Spec{
		In: slices.Repeat([]op.Input{op.Any}, max(k.N, 0)), Kernel: op.Both(k, bindConcat, bindConcat), Shape: k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) (grads gorgonia.Nodes) {
			lo := 0
			for _, x := range in {
				hi := lo + x.Shape()[k.Axis]
				grads = append(grads, op.Must(op.Apply(Slice{k.Axis, lo, hi}, dout)))
				lo = hi
			}
			return grads
		},
		Device: k.device,
	}
}

func (k Concat) shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := checkAxis("concat", k.Axis, in[0]); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	for i, x := range in[1:] {
		same := len(x) == len(out)
		for axis := 0; same && axis < len(x); axis++ {
			same = axis == k.Axis || x[axis] == out[axis]
		}
		if !same {
			return nil, op.Errorf("concat: input %d is %v but input 0 is %v: want them alike but for axis %d", i+1, x,
				in[0], k.Axis)
		}
		out[k.Axis] += x[k.Axis]
	}
	return out, nil
}

// Spec implements op.Op.
func (k Slice) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any}, Kernel: op.Both(k, bindSlice, bindSlice), Shape: k.shape, Device: k.device,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(place{k.Axis, k.Lo, in[0].Shape()[k.Axis]}, dout))}
		},
	}
}

func (k Slice) shape(in []tensor.Shape) (tensor.Shape, error) {
	x := in[0]
	if err := checkAxis("slice", k.Axis, x); err != nil {
		return nil, err
	}
	if k.Lo < 0 || k.Hi <= k.Lo || k.Hi > x[k.Axis] {
		return nil, op.Errorf("slice: from %d to %d of axis %d of %v, want 0 ≤ from < to ≤ %d", k.Lo, k.Hi, k.Axis, x,
			x[k.Axis])
	}
	out := x.Clone()
	out[k.Axis] = k.Hi - k.Lo
	return out, nil
}

func (k place) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any}, Kernel: op.Both(k, bindPlace, bindPlace), Device: k.device,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			out := in[0].Clone()
			out[k.Axis] = k.Size
			return out, nil
		},
	}
}

// Spec implements op.Op.
func (k Transpose) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any}, Kernel: op.Both(k, bindTranspose, bindTranspose), Device: k.device, Shape: k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			axes := k.axes()
			back := make([]int, len(axes))
			for i, a := range axes {
				back[a] = i
			}
			inverse, err := NewTranspose(back)
			if err != nil {
				return gorgonia.Nodes{op.Must(nil, err)}
			}
			return gorgonia.Nodes{op.Must(op.Apply(inverse, dout))}
		},
	}
}

func (k Transpose) shape(in []tensor.Shape) (tensor.Shape, error) {
	x, axes := in[0], k.axes()
	if len(x) != len(axes) {
		return nil, op.Errorf("transpose: x is %v but the axes are %v, want %d", x, axes, len(x))
	}
	if _, err := NewTranspose(axes); err != nil {
		return nil, err
	}
	out := tensor.Shape{}
	for _, a := range axes {
		out = append(out, x[a])
	}
	return out, nil
}

func checkAxis(who string, axis int, x tensor.Shape) error {
	if axis < 0 || axis >= len(x) {
		return op.Errorf("%s: axis %d of %v, want one from 0 to %d", who, axis, x, len(x)-1)
	}
	return nil
}
