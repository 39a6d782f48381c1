package relu_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/relu"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(relu.ReLU{}, in...)
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
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build, Ref: ref, Smooth: smooth,
			In: []optest.Array{x}})
	}
	optest.Run(t, cases)
}

func TestAddReLU(t *testing.T) {
	add := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(relu.AddReLU{}, in...)
	}
	sum := func(in ...optest.Array) optest.Array {
		y := in[0].Map(func(v float64) float64 { return v })
		for i, v := range in[1].Data {
			y.Data[i] += v
		}
		return y
	}
	var cases []optest.Case
	for _, shape := range [][]int{{1}, {3, 4}, {2, 3, 2, 2}, {150, 131}} {
		x := optest.Normal(1, 1, shape...)
		s := optest.Normal(2, 1, shape...)
		for i, v := range x.Data {
			s.Data[i] += math.Copysign(0.1, v+s.Data[i])
		}
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: add,
			Ref:    func(in ...optest.Array) []float64 { return ref(sum(in...)) },
			Smooth: func(in ...optest.Array) bool { return smooth(sum(in...)) }, In: []optest.Array{x, s}})
	}
	optest.Run(t, cases)
	_, err := optest.Eval(tensor.Float32, add, optest.Zeros(2, 3), optest.Zeros(3, 2))
	require.ErrorContains(t, err, "add and ReLU: x is (2, 3) but s is (3, 2)")
}

func TestReLUKeepsNaN(t *testing.T) {
	out, err := optest.Eval(tensor.Float32, build, optest.Of([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0}, 4))
	require.NoError(t, err)
	require.True(t, math.IsNaN(out[0]))
	require.Equal(t, []float64{math.Inf(1), 0, 0}, out[1:])
}
