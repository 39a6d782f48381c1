package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/reduce"
	"github.com/whitebox-nn/whitebox/op"
)

// Sum returns Σ x over all elements. Shapes: x of any rank, out a scalar. Sums
// run in float64.
func Sum(x *gorgonia.Node) (*gorgonia.Node, error) { return all(reduce.Sum{}, x) }

// Mean returns the mean of all elements of x. Shapes: x of any rank, out a
// scalar.
func Mean(x *gorgonia.Node) (*gorgonia.Node, error) { return all(reduce.Sum{Mean: true}, x) }

// SumSquares returns ‖x‖_F² = Σ x². Shapes: x of any rank, out a scalar.
func SumSquares(x *gorgonia.Node) (*gorgonia.Node, error) { return all(reduce.Sum{Squares: true}, x) }

// SumRows returns the sum of the rows, Σᵢ xᵢⱼ. Shapes: x n×d, out d.
func SumRows(x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(reduce.Sum{Over: reduce.Rows}, x)
}

// MeanRows returns the mean of the rows, (1/n) Σᵢ xᵢⱼ: the mean sample. Shapes: x
// n×d, out d.
func MeanRows(x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(reduce.Sum{Over: reduce.Rows, Mean: true}, x)
}

// SumCols returns the sum of the columns, Σⱼ xᵢⱼ. Shapes: x n×d, out n.
func SumCols(x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(reduce.Sum{Over: reduce.Cols}, x)
}

// MeanCols returns the mean of the columns, (1/d) Σⱼ xᵢⱼ. Shapes: x n×d, out n.
func MeanCols(x *gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(reduce.Sum{Over: reduce.Cols, Mean: true}, x)
}

func all(k reduce.Sum, x *gorgonia.Node) (*gorgonia.Node, error) {
	if build.Rank(x) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: reduce no node")
	}
	return op.Apply(k, x)
}
