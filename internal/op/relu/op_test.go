package relu_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/relu"
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return opkit.Apply(relu.ReLU{Rank: in[0].Dims()}, in...)
}

// ref is (x + |x|)/2.
func ref(in ...optest.Array) []float64 {
	return in[0].Map(func(v float64) float64 { return (v + math.Abs(v)) / 2 }).Data
}

// smooth reports that no element is nearer to the kink than the checks move it.
func smooth(in ...optest.Array) bool {
	for _, v := range in[0].Data {
		if math.Abs(v) < 1e-3 {
			return false
		}
	}
	return true
}

func TestReLU(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{1}, {5}, {3, 4}, {2, 3, 4}, {2, 3, 2, 2}, {150, 131}} {
		x := optest.Normal(1, 1, shape...).Map(func(v float64) float64 { return v + math.Copysign(0.1, v) })
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build, Ref: ref, Smooth: smooth, In: []optest.Array{x}})
	}
	optest.Run(t, cases)
}

func TestReLUKeepsNaN(t *testing.T) {
	out, err := optest.Eval(tensor.Float32, build, optest.Of([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0}, 4))
	require.NoError(t, err)
	require.True(t, math.IsNaN(out[0]))
	require.Equal(t, []float64{math.Inf(1), 0, 0}, out[1:])
}
