package reshape_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/reshape"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func to(shape ...int) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		k, err := reshape.New(shape)
		if err != nil {
			return nil, err
		}
		return op.Apply(k, in...)
	}
}

func TestReshape(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct{ from, to []int }{
		{[]int{2, 3, 4}, []int{2, 12}}, {[]int{24}, []int{2, 3, 4}}, {[]int{6, 4}, []int{24}}, {[]int{1}, []int{1, 1}},
		{[]int{2, 3, 2, 2}, []int{2, 2, 2, 3}},
	} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(c), Build: to(c.to...),
			In:  []optest.Array{optest.Normal(1, 1, c.from...)},
			Ref: func(in ...optest.Array) []float64 { return in[0].Data }})
	}
	optest.Run(t, cases)
}

func TestReshapeReportsShapesOfAnotherSize(t *testing.T) {
	for want, shape := range map[string][]int{
		"(2, 3) has 6 elements but (4, 2) has 8": {4, 2},
		"from 1 to 5 dimensions":                 {1, 1, 1, 1, 1, 6},
		"no size below 0":                        {-2, -3},
	} {
		_, err := optest.Eval(tensor.Float64, to(shape...), optest.Zeros(2, 3))
		require.True(t, errors.Is(err, op.ErrInput), "%v", err)
		require.ErrorContains(t, err, want)
	}
}
