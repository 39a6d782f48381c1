// Package pool takes the largest, or the mean, of windows of an image.
//
//	max:   y[i,c,u,v] = max over (r, s) of x[i, c, u·S + r − P, v·S + s − P]
//	mean:  y[i,c,u,v] = (1/KK') Σ over (r, s) of the same, zeros outside of x counted
//
// for windows of K×K' pixels, with stride S and padding P. A maximum is never
// outside of x.
//
// # Gradient
//
// That of a maximum goes to the first of the largest numbers, row by row; that of
// a mean, divided by KK', to all. Where the largest is was not stored: finding it
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
)

// Window says what is pooled, down and across.
type Window struct {
	Size, Stride, Pad [2]int // at least 1, 1 and 0; Pad at most half of Size
}

// Max is the kernel of maxima: input x (n×c×h×w), output n×c×oh×ow.
type Max struct{ Window }

// Mean is the kernel of means: input x (n×c×h×w), output n×c×oh×ow.
type Mean struct{ Window }

// maxGrad is the kernel of ∂x of Max: inputs x and D.
type maxGrad struct{ Window }

// meanGrad is the kernel of ∂x of Mean: inputs x and D.
type meanGrad struct{ Window }

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
		if k.Size[i] < 1 || k.Stride[i] < 1 || k.Pad[i] < 0 || 2*k.Pad[i] > k.Size[i] {
			return nil, errors.Wrapf(opkit.ErrInput, "pool: size %v, stride %v, padding %v, want at least 1, 1 and 0, and padding at most half of the size", k.Size, k.Stride, k.Pad)
		}
		room := in[0][2+i] + 2*k.Pad[i] - k.Size[i]
		if room < 0 {
			return nil, errors.Wrapf(opkit.ErrInput, "pool: a window of %d pixels does not fit into %d with padding %d", k.Size[i], in[0][2+i], k.Pad[i])
		}
		out[2+i] = room/k.Stride[i] + 1
	}
	return out, nil
}

func (maxGrad) Shape(in []tensor.Shape) (tensor.Shape, error)  { return in[0].Clone(), nil }
func (meanGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (k Max) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(maxGrad(k), in[0], dout)
	return gorgonia.Nodes{dx}, err
}

func (k Mean) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(meanGrad(k), in[0], dout)
	return gorgonia.Nodes{dx}, err
}

func (k Max) Bind32(a *opkit.Args[float32]) opkit.Run      { return bindMax(k.Window, a) }
func (k Max) Bind64(a *opkit.Args[float64]) opkit.Run      { return bindMax(k.Window, a) }
func (k Mean) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindMean(k.Window, a) }
func (k Mean) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindMean(k.Window, a) }
func (k maxGrad) Bind32(a *opkit.Args[float32]) opkit.Run  { return bindMaxGrad(k.Window, a) }
func (k maxGrad) Bind64(a *opkit.Args[float64]) opkit.Run  { return bindMaxGrad(k.Window, a) }
func (k meanGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindMeanGrad(k.Window, a) }
func (k meanGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindMeanGrad(k.Window, a) }
