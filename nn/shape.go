package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/arrange"
	"github.com/whitebox-nn/whitebox/internal/op/cumsum"
	"github.com/whitebox-nn/whitebox/internal/op/gather"
	"github.com/whitebox-nn/whitebox/internal/op/topk"
	"github.com/whitebox-nn/whitebox/op"
)

// Concat returns tensors one after the other along an axis; −1 is the last. Shapes: those of in are equal except
// along the axis, where the size of out is the sum of theirs. Differentiable. Errors: no tensor, other shapes, an
// axis that is not there (ErrInput).
func Concat(axis int, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(in) == 0 {
		return nil, errors.Wrap(ErrInput, "nn: concat of nothing, want a tensor at least")
	}
	axis, err := axisOf("concat", axis, in[0])
	if err != nil {
		return nil, err
	}
	return op.Apply(arrange.Concat{N: len(in), Axis: axis}, in...)
}

// Slice returns the part of x with indices lo, …, hi − 1 along an axis; −1 is the last axis. Shapes: x of rank 1 or
// more; out as x, but of size hi − lo along the axis. It is a copy. Differentiable. Errors: an axis that x does not
// have, indices out of range, or lo not below hi (ErrInput).
func Slice(x *gorgonia.Node, axis, lo, hi int) (*gorgonia.Node, error) {
	axis, err := axisOf("slice", axis, x)
	if err != nil {
		return nil, err
	}
	return op.Apply(arrange.Slice{Axis: axis, Lo: lo, Hi: hi}, x)
}

// Split returns the parts of x of these sizes, in order, of an axis; −1 is the last: the
// inverse of Concat. Differentiable. Errors: sizes whose sum is not the axis's (ErrInput).
func Split(x *gorgonia.Node, axis int, sizes ...int) (gorgonia.Nodes, error) {
	axis, err := axisOf("split", axis, x)
	if err != nil {
		return nil, err
	}
	lo, parts := 0, make(gorgonia.Nodes, 0, min(len(sizes), x.Shape()[axis]))
	for _, size := range sizes {
		if size < 1 || size > x.Shape()[axis]-lo {
			break
		}
		part, err := Slice(x, axis, lo, lo+size)
		if err != nil {
			return nil, err
		}
		parts, lo = append(parts, part), lo+size
	}
	if len(parts) < len(sizes) || lo != x.Shape()[axis] {
		return nil, errors.Wrapf(ErrInput, "nn: split axis %d of %v into %v, want sizes from 1 that sum to %d", axis,
			x.Shape(), sizes, x.Shape()[axis])
	}
	return parts, nil
}

// Transpose returns x with its axes in another order: axis k of out is axis axes[k] of x. Without axes it reverses
// their order, which transposes a matrix. Shapes: x of rank 5 at most. It is a copy; MatMul and Linear need none.
// Differentiable. Errors: axes that are not a permutation of x's axes (ErrInput).
func Transpose(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error) {
	rank := build.Rank(x)
	if rank < 0 {
		return nil, errors.Wrap(ErrInput, "nn: transpose no node")
	}
	if len(axes) == 0 {
		for axis := rank - 1; axis >= 0; axis-- {
			axes = append(axes, axis)
		}
	}
	k, err := arrange.NewTranspose(axes)
	if err != nil {
		return nil, err
	}
	return op.Apply(k, x)
}

// Gather returns rows of x by their numbers, as of a table of embeddings:
//
//	out[i, …] = x[index[i], …]
//
// Shapes: x v×…, index of any rank, out in index's shape, then that of a row. Differentiable in x, where the
// gradients of a row that is gathered several times add up. Errors: at a run, a number that is not an integer from 0
// to v−1, with its position (ErrInput). float32 represents integers exactly only up to 2²⁴.
func Gather(x, index *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(gather.Gather{}, x, index)
}

// CumSum returns the sums of all elements of x up to each, along an axis; −1 is the last.
// Sums run in float64. Shapes: x of any rank from 1, out as x. Differentiable.
func CumSum(x *gorgonia.Node, axis int) (*gorgonia.Node, error) {
	axis, err := axisOf("cumsum", axis, x)
	if err != nil {
		return nil, err
	}
	return op.Apply(cumsum.CumSum{Axis: axis}, x)
}

// TopKMask returns 1 at the k largest elements of each row of x, of equal ones the first, and
// 0 elsewhere. NaN counts as the largest. Shapes: x of any rank from 1, out as x. Not
// differentiable: Mul(x, mask) is, in x. Errors: k that is not from 1 to a row's length
// (ErrInput).
func TopKMask(x *gorgonia.Node, k int) (*gorgonia.Node, error) { return op.Apply(topk.Mask{K: k}, x) }

// axisOf returns an axis of x, counted from the end if it is below 0.
func axisOf(who string, axis int, x *gorgonia.Node) (int, error) {
	rank := build.Rank(x)
	if rank < 1 || axis < -rank || axis >= rank {
		if rank < 0 {
			return 0, errors.Wrapf(ErrInput, "nn: %s no node", who)
		}
		return 0, errors.Wrapf(ErrInput, "nn: %s: axis %d of %v, want one from %d to %d", who, axis, x.Shape(), -rank,
			rank-1)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}
