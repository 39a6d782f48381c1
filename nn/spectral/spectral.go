// Package spectral has the operations on spectra of signals and images, which are where
// convolutions that wrap around become products.
package spectral

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/circular"
	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/internal/op/spectrum"
	"github.com/whitebox-nn/whitebox/op"
)

// Transform returns the unitary discrete Fourier transform of real signals or images,
// by frequency, without the frequencies that conjugate symmetry gives.
//
// Shapes: x n×C×T or n×C×H×W; out f×n×2C with f = ⌊T/2⌋+1 or (⌊H/2⌋+1)·W, a matrix a
// frequency: a row for each sample, the real parts of its channels and then the
// imaginary ones. Frequencies whose mirror image is left out are multiplied by √2,
// so that norms and scalar products of samples stay. Differentiable. Errors: x of
// another rank (op.ErrInput). See package spectrum.
func Transform(x *gorgonia.Node) (*gorgonia.Node, error) {
	if r := build.Rank(x); r != 3 && r != 4 {
		return nil, errors.Wrap(op.ErrInput, "spectral: spectrum: want x n×C×T or n×C×H×W")
	}
	return op.Apply(spectrum.Forward{Axes: x.Dims() - 2}, x)
}

// Inverse returns the signals of which z is the Transform, or those of the
// nearest spectrum that real signals have.
//
// Shapes: z f×n×2C; sides are T, or H and W; out n×C×T or n×C×H×W. Differentiable.
// Errors: sides that do not give f (op.ErrInput).
func Inverse(z *gorgonia.Node, sides ...int) (*gorgonia.Node, error) {
	switch {
	case len(sides) == 1:
		return op.Apply(spectrum.Inverse{H: sides[0]}, z)
	case len(sides) == 2 && sides[1] > 0:
		return op.Apply(spectrum.Inverse{H: sides[0], W: sides[1]}, z)
	}
	return nil, errors.Wrapf(op.ErrInput, "spectral: inverse spectrum: sides %v, want one or two", sides)
}

// Normalize puts each sample of a spectrum on the unit sphere, as nn.Normalize
// would its signal, at any magnitude. Shapes: z and out f×n×d. Differentiable. Errors,
// of a run: as of nn.Normalize.
func Normalize(z *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(redunet.Sphere{}, z)
}

// CircularCorrelate slides filters over signals or images that wrap around at the
// borders:
//
//	y[i,o,t] = Σ_c Σ_s w[o,c,s] · x[i,c,(t+s) mod T]
//
// and the same over both axes of images. A shift of x shifts y.
//
// Shapes: x n×C×T, w O×C×k, k ≤ T, out n×O×T; or x n×C×H×W, w O×C×k×l, out n×O×H×W.
// Differentiable in both. Errors: shapes that do not fit (op.ErrInput). Cost:
// 2n·O·C·k·T flops. See package circular.
func CircularCorrelate(x, w *gorgonia.Node) (*gorgonia.Node, error) {
	if r := build.Rank(x); r != 3 && r != 4 {
		return nil, errors.Wrap(op.ErrInput, "spectral: circular correlation: want x n×C×T or n×C×H×W")
	}
	return op.Apply(circular.Correlate{Axes: x.Dims() - 2}, x, w)
}
