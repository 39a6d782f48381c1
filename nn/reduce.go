package nn

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/reduce"
	"github.com/whitebox-nn/whitebox/op"
)

// KeepDims among the axes of Sum, Mean, Max or Min keeps the reduced axes, of size 1, so
// that the result meets x again by broadcasting: Sub(x, Mean(x, 1, KeepDims)).
const KeepDims = math.MinInt32

// Sum returns Σ x over the given axes, or over all elements if there are none. Axes count
// from 0, and from −1 backwards. Sums run in float64.
//
// Shapes: x of any rank; out without those axes, or see KeepDims. Differentiable. Errors: an axis that x does not
// have, or one that is given twice (ErrInput). Cost: one pass over memory for neighbouring axes, one more for each
// further group of them.
func Sum(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error) {
	return reduced("sum", x, axes, func(a reduce.Axes) op.Op { return reduce.Sum{Axes: a} })
}

// Mean returns the mean of x over the given axes, or of all elements; as Sum.
func Mean(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error) {
	return reduced("mean", x, axes, func(a reduce.Axes) op.Op { return reduce.Sum{Axes: a, Mean: true} })
}

// Max returns the largest element along the given axes, or of all; as Sum. A NaN is the
// largest. The gradient goes to the first of equal ones.
func Max(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error) {
	return reduced("max", x, axes, func(a reduce.Axes) op.Op { return reduce.Extreme{Axes: a} })
}

// Min returns the least element along the given axes, or of all; as Max.
func Min(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error) {
	return reduced("min", x, axes, func(a reduce.Axes) op.Op { return reduce.Extreme{Axes: a, Least: true} })
}

// SumSquares returns ‖x‖_F² = Σ x². Shapes: x of any rank, out a scalar.
func SumSquares(x *gorgonia.Node) (*gorgonia.Node, error) {
	return reduced("sum of squares", x, nil, func(a reduce.Axes) op.Op { return reduce.Sum{Axes: a, Squares: true} })
}

// reduced applies the op of each group of neighbouring axes, the last group first.
func reduced(what string, x *gorgonia.Node, axes []int, of func(reduce.Axes) op.Op) (*gorgonia.Node, error) {
	rank := build.Rank(x)
	if rank < 0 {
		return nil, errors.Wrapf(ErrInput, "nn: %s of no node", what)
	}
	given, keep := []int{}, false
	for _, a := range axes {
		switch at := a; {
		case a == KeepDims:
			keep = true
			continue
		case a < 0:
			at += rank
			fallthrough
		default:
			if at < 0 || at >= rank {
				return nil, errors.Wrapf(ErrInput, "nn: %s over axis %d of x of shape %v, which has %d", what, a,
					x.Shape(), rank)
			}
			if slices.Contains(given, at) {
				return nil, errors.Wrapf(ErrInput, "nn: %s over axis %d of x of shape %v twice", what, a, x.Shape())
			}
			given = append(given, at)
		}
	}
	if len(given) == rank || len(given) == 0 {
		return op.Apply(of(reduce.Axes{Keep: keep}), x)
	}
	slices.Sort(given)
	for hi := len(given); hi > 0; {
		lo := hi - 1
		for lo > 0 && given[lo-1] == given[lo]-1 {
			lo--
		}
		var err error
		if x, err = op.Apply(of(reduce.Axes{From: given[lo], To: given[hi-1] + 1, Keep: keep}), x); err != nil {
			return nil, err
		}
		hi = lo
	}
	return x, nil
}
