package conv

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/pool"
	"github.com/whitebox-nn/whitebox/internal/op/reshape"
	"github.com/whitebox-nn/whitebox/op"
)

// A Window says what part of an image is pooled at a time, down and across.
type Window struct {
	Kernel   [2]int // at least 1
	Stride   [2]int // 0 is Kernel
	Padding  [2]int // at most half of Kernel
	Dilation [2]int // of a maximum; 0 is 1
	CeilMode bool   // also windows that end beyond the padded image, but do not begin there
	// a mean is also over the zeros of the padding, as PyTorch's default has it, and not over the
	// pixels of the image alone
	CountIncludePad bool
}

// MaxPool returns the largest number of each window. Shapes: x n×c×h×w, out
// n×c×oh×ow with oh = ⌊(h + 2P − D(K−1) − 1)/S⌋ + 1. Differentiable: the first of the
// largest gets the gradient. A NaN is the largest. Errors: windows that do not fit,
// settings out of range (op.ErrInput). See package pool.
func MaxPool(x *gorgonia.Node, p Window) (*gorgonia.Node, error) {
	return op.Apply(pool.Max{Window: p.window()}, x)
}

// AveragePool returns the mean of each window. Shapes and errors: as MaxPool.
// Differentiable. See package pool.
func AveragePool(x *gorgonia.Node, p Window) (*gorgonia.Node, error) {
	inside := !p.CountIncludePad && (p.Padding != [2]int{} || p.CeilMode)
	return op.Apply(pool.Mean{Window: p.window(), Inside: inside}, x)
}

// GlobalAveragePool returns the mean of each channel of each image. Shapes: x
// n×c×h×w, out n×c. Differentiable.
func GlobalAveragePool(x *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) != 4 {
		return nil, errors.Wrap(op.ErrInput, "conv: global average pool: want x n×c×h×w")
	}
	y, err := AveragePool(x, Window{Kernel: [2]int{x.Shape()[2], x.Shape()[3]}})
	if err != nil {
		return nil, err
	}
	k, err := reshape.New(x.Shape()[:2])
	if err != nil {
		return nil, err
	}
	return op.Apply(k, y)
}

func (p Window) window() pool.Window {
	w := pool.Window{Size: p.Kernel, Stride: p.Stride, Pad: p.Padding, Dilation: p.Dilation, Ceil: p.CeilMode}
	for i := range 2 {
		if w.Stride[i] == 0 {
			w.Stride[i] = w.Size[i]
		}
	}
	return w
}
