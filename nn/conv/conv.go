// Package conv has the operations that slide windows over images: convolutions and
// their transposes, pooling, padding. Images are n×c×h×w. They are functions of nodes;
// package layers pairs them with parameters.
package conv

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/conv"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/op"
)

// A Geometry says how the filters of a convolution move, down and across. The zero value
// is every pixel, no padding, neighbouring taps and one group.
type Geometry struct {
	Stride   [2]int // 0 is 1
	Padding  [2]int // zeros on either side
	Dilation [2]int // 0 is 1
	Groups   int    // 0 is 1; c channels in and o out are cut into so many groups
}

// Pair returns a size that is the same down and across.
func Pair(n int) [2]int { return [2]int{n, n} }

// Conv2D returns the convolution of images with filters, which in mathematics is called cross-correlation:
//
//	y[i,o,u,v] = b[o] + Σ_{c,r,s} x[i, c, u·S + r·D − P, v·S + s·D − P] · w[o,c,r,s]
//
// Shapes: x n×c×h×w; w o×(c/G)×kh×kw; b o, or nil for none; out n×o×oh×ow with
// oh = ⌊(h + 2P − D(kh−1) − 1)/S⌋ + 1. Differentiable in all.
// Errors: shapes that do not fit, settings out of range (op.ErrInput).
// Cost: 2n·oh·ow·o·(c/G)·kh·kw flops, twice that for the gradients; 3×3 filters of
// stride 1 take less than a third of it. No matrix of patches is made: see package
// conv, also for the error.
func Conv2D(x, w, b *gorgonia.Node, c Geometry) (*gorgonia.Node, error) {
	y, err := op.Apply(conv.Conv{Geometry: c.geometry()}, x, w)
	return withBias(y, b, err)
}

// ConvTranspose2D returns the adjoint of Conv2D in x, with a bias added: without
// one, ⟨ConvTranspose2D(y), x⟩ = ⟨y, Conv2D(x)⟩ for one w and c.
//
// Shapes: y n×o×oh×ow; w o×(c/G)×kh×kw; b c, or nil; out n×c×H×W with H =
// (oh−1)S − 2P + D(kh−1) + 1 + outputPadding, which is below S: a convolution takes S sizes
// to one oh. Differentiable in all. Errors and cost: as Conv2D.
func ConvTranspose2D(y, w, b *gorgonia.Node, c Geometry, outputPadding [2]int) (*gorgonia.Node, error) {
	if build.Rank(y) != 4 || build.Rank(w) != 4 {
		return nil, errors.Wrap(op.ErrInput, "conv: transposed convolution: want y n×o×oh×ow and w o×c×kh×kw")
	}
	g := c.geometry()
	var size [2]int
	for i := range 2 {
		if max(g.Stride[i], g.Pad[i], g.Dilation[i]) > sizes.Most {
			return nil, errors.Wrapf(op.ErrInput,
				"conv: transposed convolution: stride %v, padding %v, dilation %v, want at most %d", g.Stride, g.Pad,
				g.Dilation, sizes.Most)
		}
		if outputPadding[i] < 0 || outputPadding[i] >= g.Stride[i] {
			return nil, errors.Wrapf(op.ErrInput,
				"conv: transposed convolution: %v more pixels for stride %v, want 0 or more, and fewer than the stride",
				outputPadding, g.Stride)
		}
		size[i] = (y.Shape()[2+i]-1)*g.Stride[i] - 2*g.Pad[i] + g.Dilation[i]*(w.Shape()[2+i]-1) + 1 + outputPadding[i]
		if size[i] < 1 {
			return nil, errors.Wrapf(op.ErrInput, "conv: transposed convolution: padding %v leaves %d pixels", g.Pad,
				size[i])
		}
	}
	x, err := op.Apply(conv.Transposed{Geometry: g, H: size[0], W: size[1]}, y, w)
	return withBias(x, b, err)
}

// ConvTranspose2DTo is [ConvTranspose2D] without a bias, with the size of the output given: the adjoint of Conv2D on
// images of that size.
//
// Shapes: y n×o×oh×ow; w o×(c/G)×kh×kw; out n×c×height×width. Errors: a size height×width for which Conv2D does not
// return oh×ow (op.ErrInput).
func ConvTranspose2DTo(y, w *gorgonia.Node, c Geometry, height, width int) (*gorgonia.Node, error) {
	return op.Apply(conv.Transposed{Geometry: c.geometry(), H: height, W: width}, y, w)
}

// AddBias returns y with b[o] added to channel o. Shapes: y and out n×o×h×w, b o.
// Differentiable in both.
func AddBias(y, b *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(conv.Bias{}, y, b) }

// withBias adds a bias to y, if there is one.
func withBias(y, b *gorgonia.Node, err error) (*gorgonia.Node, error) {
	if err != nil || b == nil {
		return y, err
	}
	return op.Apply(conv.Bias{}, y, b)
}

// geometry replaces zeros by defaults.
func (c Geometry) geometry() conv.Geometry {
	g := conv.Geometry{Stride: c.Stride, Pad: c.Padding, Dilation: c.Dilation, Groups: c.Groups}
	for i := range 2 {
		g.Stride[i], g.Dilation[i] = orOne(g.Stride[i]), orOne(g.Dilation[i])
	}
	g.Groups = orOne(g.Groups)
	return g
}

// orOne returns n, or 1 for 0.
func orOne(n int) int {
	if n == 0 {
		return 1
	}
	return n
}
