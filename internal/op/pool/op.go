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
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// Window says what is pooled, down and across.
type Window struct {
	Size, Stride, Pad [2]int // at least 1, 1 and 0; Pad at most half of Size
	Dilation          [2]int // 0 is 1
	Ceil              bool   // also windows that are not wholly in the padded image
}

// Max is the kernel of maxima: input x (n×c×h×w), output n×c×oh×ow.
type Max struct{ Window }

// Mean is the kernel of means: input x (n×c×h×w), output n×c×oh×ow.
type Mean struct {
	Window
	Inside bool // the padding is not counted
}

// maxGrad is the kernel of ∂x of Max: inputs x and D.
type maxGrad struct{ Window }

// meanGrad is the kernel of ∂x of Mean: inputs x and D.
type meanGrad struct{ Of Mean }

var (
	_ opkit.Differentiable = Max{}
	_ opkit.Differentiable = Mean{}
)

func (Max) Ranks() (in []int, out int)      { return []int{4}, 4 }
func (Mean) Ranks() (in []int, out int)     { return []int{4}, 4 }
func (maxGrad) Ranks() (in []int, out int)  { return []int{4, 4}, 4 }
func (meanGrad) Ranks() (in []int, out int) { return []int{4, 4}, 4 }

func (Max) Wrt() []bool  { return []bool{true} }
func (Mean) Wrt() []bool { return []bool{true} }

func (k Window) Shape(in []tensor.Shape) (tensor.Shape, error) {
	out := in[0].Clone()
	for i := range 2 {
		if max(k.Size[i], k.Stride[i], k.Pad[i], k.Dilation[i]) > sizes.Most {
			return nil, errors.Wrapf(opkit.ErrInput, "pool: size %v, stride %v, padding %v, dilation %v, want at most %d", k.Size, k.Stride, k.Pad, k.Dilation, sizes.Most)
		}
		if k.Size[i] < 1 || k.Stride[i] < 1 || k.Pad[i] < 0 || 2*k.Pad[i] > k.Size[i] || k.Dilation[i] < 0 {
			return nil, errors.Wrapf(opkit.ErrInput, "pool: size %v, stride %v, padding %v, want at least 1, 1 and 0, and padding at most half of the size; dilation %v", k.Size, k.Stride, k.Pad, k.Dilation)
		}
		reach := (k.Size[i]-1)*k.dilation(i) + 1
		size := in[0][2+i]
		room := size + 2*k.Pad[i] - reach
		if room < 0 {
			return nil, errors.Wrapf(opkit.ErrInput, "pool: a window of %d pixels does not fit into %d with padding %d", reach, size, k.Pad[i])
		}
		out[2+i] = room/k.Stride[i] + 1
		if k.Ceil && room%k.Stride[i] > 0 && out[2+i]*k.Stride[i] < size+k.Pad[i] {
			out[2+i]++
		}
	}
	return out, nil
}

// Shape is the window's; a mean has no dilation.
func (k Mean) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if k.dilation(0) != 1 || k.dilation(1) != 1 {
		return nil, errors.Wrapf(opkit.ErrInput, "pool: a mean with dilation %v: it has none", k.Dilation)
	}
	return k.Window.Shape(in)
}

func (k Window) dilation(axis int) int { return max(1, k.Dilation[axis]) }

func (maxGrad) Shape(in []tensor.Shape) (tensor.Shape, error)  { return in[0].Clone(), nil }
func (meanGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (k Max) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(maxGrad(k), in[0], dout)
	return gorgonia.Nodes{dx}, err
}

func (k Mean) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(meanGrad{k}, in[0], dout)
	return gorgonia.Nodes{dx}, err
}

func (k Max) Bind32(a *opkit.Args[float32]) opkit.Run      { return bindMax(k.Window, a) }
func (k Max) Bind64(a *opkit.Args[float64]) opkit.Run      { return bindMax(k.Window, a) }
func (k Mean) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindMean(k, a) }
func (k Mean) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindMean(k, a) }
func (k maxGrad) Bind32(a *opkit.Args[float32]) opkit.Run  { return bindMaxGrad(k.Window, a) }
func (k maxGrad) Bind64(a *opkit.Args[float64]) opkit.Run  { return bindMaxGrad(k.Window, a) }
func (k meanGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMeanGrad(k.Of, a) }
func (k meanGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMeanGrad(k.Of, a) }
