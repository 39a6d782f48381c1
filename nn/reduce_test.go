package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type reduction func(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error)

// TestReductionsOverAnyAxes folds the elements of x by the indices that stay.
func TestReductionsOverAnyAxes(t *testing.T) {
	shape := []int{2, 3, 4, 2}
	var cases []optest.Case
	for name, c := range map[string]struct {
		of    reduction
		start float64
		fold  func(acc, v float64) float64
		mean  bool
	}{
		"sum":  {nn.Sum, 0, func(acc, v float64) float64 { return acc + v }, false},
		"mean": {nn.Mean, 0, func(acc, v float64) float64 { return acc + v }, true},
		"max":  {nn.Max, math.Inf(-1), math.Max, false},
		"min":  {nn.Min, math.Inf(1), math.Min, false},
	} {
		for _, axes := range [][]int{nil, {0}, {3}, {-1}, {1, 2}, {0, 2}, {2, 0}, {1, -1}, {0, 1, 2, 3}, {0, 1, 3}} {
			gone := map[int]bool{}
			for _, a := range axes {
				gone[(a+len(shape))%len(shape)] = true
			}
			ref := func(in ...optest.Array) []float64 {
				size := 1
				for i, n := range shape {
					if len(axes) > 0 && !gone[i] {
						size *= n
					}
				}
				out := make([]float64, size)
				for i := range out {
					out[i] = c.start
				}
				for i, v := range in[0].Data {
					at, weight := 0, 1
					for axis := len(shape) - 1; axis >= 0; axis-- {
						if len(axes) > 0 && !gone[axis] {
							at += i % shape[axis] * weight
							weight *= shape[axis]
						}
						i /= shape[axis]
					}
					out[at] = c.fold(out[at], v)
				}
				for i := range out {
					if c.mean {
						out[i] *= float64(size) / float64(len(in[0].Data))
					}
				}
				return out
			}
			for _, more := range [][]int{nil, {nn.KeepDims}} {
				cases = append(cases, optest.Case{Name: fmt.Sprint(name, axes, more), Ref: ref, Step: 1e-7,
					In: []optest.Array{optest.Normal(3, 1, shape...)},
					Build: func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
						y, err := c.of(in[0], append(append([]int(nil), axes...), more...)...)
						if err == nil && more != nil && y.Dims() != len(shape) {
							return nil, fmt.Errorf("rank %d with KeepDims", y.Dims())
						}
						return y, err
					}})
			}
		}
	}
	optest.Run(t, cases)
}

// TestCenteringByBroadcasting: what KeepDims is for; rows of x − mean(x) sum to 0.
func TestCenteringByBroadcasting(t *testing.T) {
	got, err := optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		mean, err := nn.Mean(in[0], 1, nn.KeepDims)
		if err != nil {
			return nil, err
		}
		return nn.Sub(in[0], mean)
	}, optest.Of([]float64{1, 2, 6, 4, 5, 9}, 2, 3))
	require.NoError(t, err)
	require.Equal(t, []float64{-2, -1, 3, -2, -1, 3}, got)
}

func TestReductionsRefuseAxesThatAreNotThere(t *testing.T) {
	for want, axes := range map[string][]int{
		"over axis 2 of x of shape (2, 3), which has 2":  {2},
		"over axis -3 of x of shape (2, 3), which has 2": {0, -3},
		"over axis -1 of x of shape (2, 3) twice":        {1, -1},
	} {
		for name, of := range map[string]reduction{"sum": nn.Sum, "mean": nn.Mean, "max": nn.Max, "min": nn.Min} {
			_, err := optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				return of(in[0], axes...)
			}, optest.Zeros(2, 3))
			require.ErrorIs(t, err, nn.ErrInput)
			require.ErrorContains(t, err, "nn: "+name+" "+want)
		}
		_, err := nn.Sum(nil, axes...)
		require.ErrorContains(t, err, "nn: sum of no node")
	}
}
