// Package pool takes the largest, or the mean, of windows of an image.
//
//	max:   y[i,c,u,v] = max over (r, s) of x[i, c, u·S + r·D − P, v·S + s·D − P]
//	mean:  y[i,c,u,v] = (1/m) Σ over (r, s) of the same, zeros outside of x
//
// for windows of K×K' pixels, with stride S, padding P and dilation D. A maximum is
// never outside of x. A mean is over the pixels of a window, those of the padding
// counted or not. Windows may reach beyond the padding, by Ceil, but not begin
// there; those pixels are never counted.
//
// # Gradient
//
// That of a maximum goes to the first of the largest numbers, row by row; that of
// a mean, divided by m, to all. Where the largest is was not stored: finding it
// again reads x once, as reading it would.
//
// # Numerics
//
// A NaN in a window is its maximum, so that a diverged layer shows. Means sum in
// float64. Bound by memory.
package pool

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/op"
)

// Window says what is pooled, down and across.
type Window struct {
	Size, Stride, Pad [2]int // at least 1, 1 and 0; Pad at most half of Size
	Dilation          [2]int // 0 is 1
	Ceil              bool   // also windows that are not wholly in the padded image
}

// Max is the op of maxima: input x (n×c×h×w), output n×c×oh×ow.
type Max struct{ Window }

// Mean is the op of means: input x (n×c×h×w), output n×c×oh×ow.
type Mean struct {
	Window
	Inside bool // the padding is not counted
}

// maxGrad is the op of ∂x of Max: inputs x and D.
type maxGrad struct{ Window }

// meanGrad is the op of ∂x of Mean: inputs x and D.
type meanGrad struct{ Of Mean }

// Spec implements op.Op.
func (k Max) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4},
		Kernel: op.Both(k, bindMax, bindMax),
		Shape:  k.Shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(maxGrad(k), in[0], dout))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(k.Window, false, a, "pool_max", a.N(), a.Shapes[0], a.Shape, a.Y(), a.X(0))
		},
	}
}

// Spec implements op.Op.
func (k Mean) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4},
		Kernel: op.Both(k, bindMean, bindMean),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(meanGrad{k}, in[0], dout))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(k.Window, k.Inside, a, "pool_mean", a.N(), a.Shapes[0], a.Shape, a.Y(), a.X(0))
		},
	}
}

func (k maxGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4, 4},
		Kernel: op.Both(k, bindMaxGrad, bindMaxGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(k.Window, false, a, "pool_max_grad", a.N(), a.Shapes[0], a.Shapes[1], a.Y(), a.X(0), a.X(1))
		},
	}
}

func (k meanGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4, 4},
		Kernel: op.Both(k, bindMeanGrad, bindMeanGrad),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(k.Of.Window, k.Of.Inside, a, "pool_mean_grad", a.N(), a.Shapes[0], a.Shapes[1], a.Y(), a.X(1))
		},
	}
}

// Shape returns the shape of what windows over x give.
func (k Window) Shape(in []tensor.Shape) (tensor.Shape, error) {
	out := in[0].Clone()
	for i := range 2 {
		if max(k.Size[i], k.Stride[i], k.Pad[i], k.Dilation[i]) > sizes.Most {
			return nil, op.Errorf("pool: size %v, stride %v, padding %v, dilation %v, want at most %d", k.Size,
				k.Stride, k.Pad, k.Dilation, sizes.Most)
		}
		if k.Size[i] < 1 || k.Stride[i] < 1 || k.Pad[i] < 0 || 2*k.Pad[i] > k.Size[i] || k.Dilation[i] < 0 {
			return nil, op.Errorf("pool: size %v, stride %v, padding %v, want at least 1, 1 and 0, and padding at "+
				"most half of the size; dilation %v", k.Size, k.Stride, k.Pad, k.Dilation)
		}
		reach := (k.Size[i]-1)*k.dilation(i) + 1
		size := in[0][2+i]
		room := size + 2*k.Pad[i] - reach
		if room < 0 {
			return nil, op.Errorf("pool: a window of %d pixels does not fit into %d with padding %d", reach, size,
				k.Pad[i])
		}
		out[2+i] = room/k.Stride[i] + 1
		if k.Ceil && room%k.Stride[i] > 0 && out[2+i]*k.Stride[i] < size+k.Pad[i] {
			out[2+i]++
		}
	}
	return out, nil
}

// shape is the window's; a mean has no dilation.
func (k Mean) shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.dilation(0) != 1 || k.dilation(1) != 1 {
		return nil, op.Errorf("pool: a mean with dilation %v: it has none", k.Dilation)
	}
	return k.Window.Shape(in)
}

func (k Window) dilation(axis int) int { return max(1, k.Dilation[axis]) }
