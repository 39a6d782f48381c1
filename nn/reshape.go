package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/detach"
	"github.com/whitebox-nn/whitebox/internal/op/reshape"
	"github.com/whitebox-nn/whitebox/op"
)

// Reshape returns the elements of x, row-major, in another shape of as many.
// Differentiable. Errors: another number of elements (ErrInput).
func Reshape(x *gorgonia.Node, shape ...int) (*gorgonia.Node, error) {
	if build.Rank(x) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: reshape no node")
	}
	k, err := reshape.New(shape)
	if err != nil {
		return nil, err
	}
	return op.Apply(k, x)
}

// Flatten returns a row for each sample. Shapes: x n×…, out n×d; x itself if it
// is that already.
func Flatten(x *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 1 {
		return nil, errors.Wrap(ErrInput, "nn: flatten: want samples, n×…")
	}
	if x.Dims() == 2 {
		return x, nil
	}
	d := 1
	for _, side := range x.Shape()[1:] {
		d *= side
	}
	return Reshape(x, x.Shape()[0], d)
}

// Detach returns x as a constant: no gradient passes. Shapes: x of any rank, out as x.
func Detach(x *gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(detach.Detach{}, x) }
