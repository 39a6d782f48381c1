// Package pad surrounds images with more pixels.
//
//	y[i,c,u,v] = x[i, c, f(u − T), f(v − L)]
//
// for T rows above and L columns to the left, where f brings a place outside of
// 0, …, h−1 inside:
//
//	zeros:     there is no such place, and y is 0
//	reflect:   a mirror at the first and the last pixel, which are not repeated: f(−1) = 1
//	circular:  f(u) = u mod h
//	replicate: the nearest pixel: f(−1) = 0
//
// # Gradient
//
// That of x[i,c,a,b] is the sum of those of its copies: each channel of an image is
// the adjoint of a gather.
//
// # Numerics
//
// Exact; the gradient sums in the graph's dtype. Bound by memory.
package pad

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/op"
)

// Mode says what the new pixels are.
type Mode int

// The modes; see the formula.
const (
	Zeros Mode = iota
	Reflect
	Circular
	Replicate
)

// String returns the mode's name.
func (m Mode) String() string {
	names := [...]string{"zeros", "reflect", "circular", "replicate"}
	if m < 0 || int(m) >= len(names) {
		return fmt.Sprintf("mode %d", int(m))
	}
	return names[m]
}

// Pad is the kernel: input x (n×c×h×w), output n×c×(Top+h+Bottom)×(Left+w+Right).
type Pad struct {
	Mode                     Mode
	Top, Bottom, Left, Right int // 0 or above
}

// grad is the op of ∂x: input D, output n×c×H×W.
type grad struct {
	Of   Pad
	H, W int
}

// Spec implements op.Op.
func (k Pad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4},
		Kernel: op.Both(k, bind, bind),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(grad{k, in[0].Shape()[2], in[0].Shape()[3]}, dout))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return k.kernel(a, "pad_pad", a.Shapes[0], a.Shape)
		},
	}
}

func (k grad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4},
		Kernel: op.Both(k, bindGrad, bindGrad),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return tensor.Shape{in[0][0], in[0][1], k.H, k.W},
				nil
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return k.Of.kernel(a, "pad_grad", a.Shape, a.Shapes[0])
		},
	}
}

func (k Pad) shape(in []tensor.Shape) (tensor.Shape, error) {
	x := in[0]
	if max(k.Top, k.Bottom, k.Left, k.Right) > sizes.Most {
		return nil, op.Errorf("pad: %d, %d, %d and %d pixels, want at most %d", k.Top, k.Bottom, k.Left, k.Right,
			sizes.Most)
	}
	if k.Mode < Zeros || k.Mode > Replicate || min(k.Top, k.Bottom, k.Left, k.Right) < 0 {
		return nil, op.Errorf("pad: mode %d with %d, %d, %d and %d pixels, want modes 0 to 3 and 0 pixels or more",
			k.Mode, k.Top, k.Bottom, k.Left, k.Right)
	}
	for axis, pixels := range [2]int{max(k.Top, k.Bottom), max(k.Left, k.Right)} {
		size := x[2+axis]
		if k.Mode == Reflect && pixels >= size || k.Mode == Circular && pixels > size {
			return nil, op.Errorf("pad: %d pixels beside %d, which %v padding repeats at most once", pixels, size,
				k.Mode)
		}
	}
	return tensor.Shape{x[0], x[1], k.Top + x[2] + k.Bottom, k.Left + x[3] + k.Right}, nil
}
