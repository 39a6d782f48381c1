package softmax_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/softmax"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(softmax.Softmax{}, in...)
}

// ref is 1 / Σᵢ exp(xᵢ − xⱼ).
func ref(in ...optest.Array) []float64 {
	d := in[0].Shape[len(in[0].Shape)-1]
	out := make([]float64, len(in[0].Data))
	for i, x := range in[0].Data {
		sum := 0.0
		for _, other := range in[0].Data[i/d*d : i/d*d+d] {
			sum += math.Exp(other - x)
		}
		out[i] = 1 / sum
	}
	return out
}

func TestSoftmax(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{1}, {5}, {3, 4}, {4, 1}, {2, 3, 4}, {2, 3, 2, 2}, {150, 131}} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build, Ref: ref,
			In: []optest.Array{optest.Normal(1, 1, shape...)}})
	}
	optest.Run(t, cases)
}

func TestSoftmaxIsExactAtExtremes(t *testing.T) {
	x := optest.Of([]float64{1e4, -1e4, 0, 1e30, 1e30, -1e30, 5, 5, 5}, 3, 3)
	y, err := optest.Eval(tensor.Float32, build, x)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{1, 0, 0, 0.5, 0.5, 0, 1. / 3, 1. / 3, 1. / 3}, y, 1e-7)
}

func TestSoftmaxOfNaNIsNaN(t *testing.T) {
	y, err := optest.Eval(tensor.Float64, build, optest.Of([]float64{1, math.NaN()}, 2))
	require.NoError(t, err)
	require.True(t, math.IsNaN(y[0]) && math.IsNaN(y[1]))
}
