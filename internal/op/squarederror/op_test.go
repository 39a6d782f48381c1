package squarederror_test

import (
	"fmt"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/squarederror"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(mean bool) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(squarederror.Error{Mean: mean}, in...)
	}
}

// ref is ‖x‖² − 2⟨x, y⟩ + ‖y‖².
func ref(mean bool) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x, y := in[0].Data, in[1].Data
		e := floats.Dot(x, x) - 2*floats.Dot(x, y) + floats.Dot(y, y)
		if mean {
			e /= float64(len(x))
		}
		return []float64{e}
	}
}

func TestSquaredError(t *testing.T) {
	var cases []optest.Case
	for _, mean := range []bool{false, true} {
		for _, shape := range [][]int{{1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}} {
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v, mean %v", shape, mean), Build: build(mean),
				Ref: ref(mean),
				In:  []optest.Array{optest.Normal(1, 1, shape...), optest.Normal(2, 1, shape...)}})
		}
	}
	optest.Run(t, cases)
}

func TestSquaredErrorReportsTwoShapes(t *testing.T) {
	_, err := optest.Scalar(tensor.Float64, build(true), optest.Zeros(3, 4), optest.Zeros(4, 3))
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "x is (3, 4) but y is (4, 3)")
}
