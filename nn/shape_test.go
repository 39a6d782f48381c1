package nn_test

import (
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type shaper = func(in ...*gorgonia.Node) (*gorgonia.Node, error)

// TestShapesAsInNumPy compares with what NumPy writes for np.arange(6).reshape(2, 3).
func TestShapesAsInNumPy(t *testing.T) {
	x := optest.Of([]float64{0, 1, 2, 3, 4, 5}, 2, 3)
	index := optest.Of([]float64{1, 0, 1}, 3)
	for name, c := range map[string]struct {
		build shaper
		want  []float64
		in    []optest.Array
	}{
		"concatenate, axis -1": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.Concat(-1, in...) },
			[]float64{0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5}, []optest.Array{x, x}},
		"concatenate, axis 0": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.Concat(0, in...) },
			[]float64{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}, []optest.Array{x, x}},
		"x[:, 1:3]": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.Slice(in[0], 1, 1, 3) },
			[]float64{1, 2, 4, 5}, []optest.Array{x}},
		"x.T": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.Transpose(in[0]) },
			[]float64{0, 3, 1, 4, 2, 5}, []optest.Array{x}},
		"transpose(x, (0, 1))": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return nn.Transpose(in[0], 0, 1)
		},
			x.Data, []optest.Array{x}},
		"x[[1, 0, 1]]": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.Gather(in[0], in[1]) },
			[]float64{3, 4, 5, 0, 1, 2, 3, 4, 5}, []optest.Array{x, index}},
		"cumsum(x, -1)": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.CumSum(in[0], -1) },
			[]float64{0, 1, 3, 3, 7, 12}, []optest.Array{x}},
		"cumsum(x, 0)": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.CumSum(in[0], 0) },
			[]float64{0, 1, 2, 3, 5, 7}, []optest.Array{x}},
		"the two largest": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return nn.TopKMask(in[0], 2) },
			[]float64{0, 1, 1, 0, 1, 1}, []optest.Array{x}},
		"split, the second part": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			parts, err := nn.Split(in[0], 1, 1, 2)
			if err != nil {
				return nil, err
			}
			return parts[1], nil
		}, []float64{1, 2, 4, 5}, []optest.Array{x}},
		"where(x, -x, 7)": {func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return nn.Where(in[0], nn.Must(nn.Scale(in[0], -1)), in[1])
		}, []float64{7, -1, -2, -3, -4, -5}, []optest.Array{x, optest.Of([]float64{7}, 1)}},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			got, err := optest.Eval(dt, c.build, c.in...)
			require.NoError(t, err, name)
			require.Equal(t, c.want, got, name)
		}
	}
}

func TestShapesThatAreNotThere(t *testing.T) {
	split := func(axis int, sizes ...int) shaper {
		return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			_, err := nn.Split(in[0], axis, sizes...)
			return nil, err
		}
	}
	for want, build := range map[string]shaper{
		"nn: split axis 1 of (2, 3) into [1 1], want sizes from 1 that sum to 3": split(-1, 1, 1),
		"into [1 -1 3], want": split(1, 1, -1, 3),
		"into [], want":       split(1),
		"into [4], want":      split(1, 4),
		"nn: split: axis 2 of (2, 3), want one from -2 to 1": split(2, 1),
		"nn: slice: axis -3 of (2, 3), want one from -2 to 1": func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return nn.Slice(in[0], -3, 0, 1)
		},
		"nn: concat of nothing": func(...*gorgonia.Node) (*gorgonia.Node, error) { return nn.Concat(0) },
		"nn: cumsum no node":    func(...*gorgonia.Node) (*gorgonia.Node, error) { return nn.CumSum(nil, 0) },
		"nn: transpose no node": func(...*gorgonia.Node) (*gorgonia.Node, error) { return nn.Transpose(nil) },
		"axes [1 1], want each": func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return nn.Transpose(in[0], 1, 1)
		},
	} {
		_, err := optest.Eval(tensor.Float64, build, optest.Zeros(2, 3))
		require.True(t, errors.Is(err, nn.ErrInput), "%s: %v", want, err)
		require.ErrorContains(t, err, want)
	}
}
