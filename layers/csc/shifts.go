package csc

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// Shifts lets a network with filters of a stride S > 1 process every image S² times, each time moved by a different
// number of rows and columns from 0 to S − 1, and average the results: a code of stride S alone locates features to
// within S pixels only.
//
// A stride of 1 leaves images as they are.
//
// Reference: Simon, Elad. Rethinking the CSC model for natural images. NeurIPS 2019,
// section 4; the padding is that of the authors' code.
type Shifts struct {
	Kernel, Stride int // of the filters, down and across
}

// mostStride is the largest stride: an image is seen 256 times.
const mostStride = 16

// around returns how many pixels are put before and after n, for the shift by 0.
func (s Shifts) around(n int) (before, after int) {
	rest := (n + s.Stride - s.Kernel) % s.Stride
	if rest < 0 {
		rest += s.Stride
	}
	return s.Stride, s.Stride + (s.Stride-rest)%s.Stride
}

// check reports images that cannot be shifted.
func (s Shifts) check(x *gorgonia.Node) error {
	if build.Rank(x) != 4 {
		return errors.Wrap(nn.ErrInput, "csc: shifts: want images n×c×h×w")
	}
	if s.Kernel < 1 || s.Stride < 1 || s.Stride > mostStride {
		return errors.Wrapf(nn.ErrInput, "csc: shifts: filters of %d×%d and stride %d, want at least "+
			"1, and a stride of at most %d", s.Kernel, s.Kernel, s.Stride, mostStride)
	}
	for _, n := range x.Shape()[2:] {
		if n < s.Kernel {
			return errors.Wrapf(nn.ErrInput, "csc: shifts: images of %d×%d are smaller than filters of %d×%d",
				x.Shape()[2], x.Shape()[3], s.Kernel, s.Kernel)
		}
		if _, after := s.around(n); s.Stride > 1 && n <= after+s.Stride-1 {
			return errors.Wrapf(nn.ErrInput, "csc: shifts: images of %d×%d are too small to be reflected "+
				"by %d pixels at the border: use larger ones or a stride below %d", x.Shape()[2], x.Shape()[3],
				after+s.Stride-1,
				s.Stride)
		}
	}
	return nil
}

// Apply returns all shifts of the images, reflected at the border so that the filters cover
// them: those of an image one after the other, by rows and then by columns. Shapes: x n×c×h×w,
// out n·S²×c×H×W. Differentiable.
func (s Shifts) Apply(x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "csc: shifts")
	build.Check(s.check(x))
	if s.Stride == 1 {
		return x, nil
	}
	n, c, h, w := x.Shape()[0], x.Shape()[1], x.Shape()[2], x.Shape()[3]
	top, bottom := s.around(h)
	left, right := s.around(w)
	var all gorgonia.Nodes
	for i := range s.Stride {
		for j := range s.Stride {
			all = append(all, build.Must(conv.Pad(x, conv.PadReflect,
				conv.Padding{Top: top - i, Bottom: bottom + i, Left: left - j, Right: right + j})))
		}
	}
	y = build.Must(nn.Concat(1, all...))
	return build.Must(nn.Reshape(y, n*s.Stride*s.Stride, c, h+top+bottom, w+left+right)), nil
}

// Mean returns the mean of a network's outputs for all shifts, at the pixels of the h×w images that were given to
// Apply. Shapes: y n·S²×c×H×W as of Apply, out n×c×h×w. Differentiable.
func (s Shifts) Mean(y *gorgonia.Node, h, w int) (x *gorgonia.Node, err error) {
	defer build.Catch(&err, "csc: shifts")
	if build.Rank(y) != 4 || s.Stride < 1 || s.Stride > mostStride || y.Shape()[0]%(s.Stride*s.Stride) != 0 {
		return nil, errors.Wrapf(nn.ErrInput, "mean of all shifts by a stride of %d: want S²·n×c×h×w", s.Stride)
	}
	if s.Stride == 1 {
		return y, nil
	}
	all := s.Stride * s.Stride
	n, c := y.Shape()[0]/all, y.Shape()[1]
	y = build.Must(nn.Reshape(y, n, all*c, y.Shape()[2], y.Shape()[3]))
	var sum *gorgonia.Node
	for i := range s.Stride {
		for j := range s.Stride {
			part := build.Must(nn.Slice(y, 1, (i*s.Stride+j)*c, (i*s.Stride+j+1)*c))
			part = build.Must(nn.Slice(part, 2, s.Stride-i, s.Stride-i+h))
			part = build.Must(nn.Slice(part, 3, s.Stride-j, s.Stride-j+w))
			if sum == nil {
				sum = part
				continue
			}
			sum = build.Must(nn.Add(sum, part))
		}
	}
	return build.Must(nn.Scale(sum, 1/float64(all))), nil
}

// Geometry returns that of the filters.
func (s Shifts) Geometry() conv.Geometry { return conv.Geometry{Stride: conv.Pair(s.Stride)} }
