package layernorm_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/layernorm"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(eps float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		stats, err := op.Apply(layernorm.Stats{Eps: eps}, in[0])
		if err != nil {
			return nil, err
		}
		return op.Apply(layernorm.Norm{}, in[0], stats, in[1], in[2])
	}
}

// ref uses gonum's compensated moments.
func ref(eps float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		d := len(in[1].Data)
		var out []float64
		for lo := 0; lo < len(in[0].Data); lo += d {
			row := in[0].Data[lo : lo+d]
			mean, variance := stat.PopMeanVariance(row, nil)
			for j, v := range row {
				out = append(out, (v-mean)/math.Sqrt(variance+eps)*in[1].Data[j]+in[2].Data[j])
			}
		}
		return out
	}
}

func TestLayerNorm(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{3, 4}, {1, 5}, {4, 1}, {2, 3, 4}, {2, 3, 2, 2}, {150, 131}} {
		d := shape[len(shape)-1]
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build(1e-2), Ref: ref(1e-2),
			In: []optest.Array{optest.Normal(1, 2, shape...), optest.Normal(2, 1, d), optest.Normal(3, 1, d)}})
	}
	constant := optest.Zeros(3, 4).Map(func(float64) float64 { return 5 })
	cases = append(cases, optest.Case{Name: "constant rows", Build: build(1e-1), Ref: ref(1e-1),
		In: []optest.Array{constant, optest.Normal(2, 1, 4), optest.Normal(3, 1, 4)}})
	optest.Run(t, cases)
}

// TestLayerNormWithoutShift is that with β = 0, in value and in the gradients of x and γ.
func TestLayerNormWithoutShift(t *testing.T) {
	without := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		stats, err := op.Apply(layernorm.Stats{Eps: 1e-2}, in[0])
		if err != nil {
			return nil, err
		}
		return op.Apply(layernorm.Norm{NoShift: true}, in[0], stats, in[1])
	}
	var cases []optest.Case
	for _, shape := range [][]int{{3, 4}, {2, 3, 5}, {40, 33}} {
		d := shape[len(shape)-1]
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: without,
			Ref: func(in ...optest.Array) []float64 { return ref(1e-2)(in[0], in[1], optest.Zeros(d)) },
			In:  []optest.Array{optest.Normal(1, 2, shape...), optest.Normal(2, 1, d)}})
	}
	optest.Run(t, cases)
}

// TestLayerNormForgetsShiftAndScale checks LN(ax + b) = LN(x) for a > 0 and ε = 0,
// and that a large common shift costs no digits in float32.
func TestLayerNormForgetsShiftAndScale(t *testing.T) {
	x := optest.Normal(1, 1, 5, 32)
	one, zero := optest.Zeros(32).Map(func(float64) float64 { return 1 }), optest.Zeros(32)
	eval := func(x optest.Array) []float64 {
		y, err := optest.Eval(tensor.Float64, build(0), x, one, zero)
		require.NoError(t, err)
		return y
	}
	require.InDeltaSlice(t, eval(x), eval(x.Map(func(v float64) float64 { return 3*v + 1000 })), 1e-11)
}

func TestLayerNormReportsShapesAndSettings(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, build(0), optest.Zeros(2, 3), optest.Zeros(3), optest.Zeros(2))
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "lengths 3 and 2, want 3")
	_, err = optest.Eval(tensor.Float64, build(-1), optest.Zeros(2, 3), optest.Zeros(3), optest.Zeros(3))
	require.True(t, errors.Is(err, op.ErrInput))
}
