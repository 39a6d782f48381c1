package hard_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/hard"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(sigma float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(hard.Hard{Sigma: sigma}, in...) }
}

// ref interpolates between the corners of H.
func ref(sigma float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		out := make([]float64, len(in[0].Data))
		for i, u := range in[0].Data {
			t := in[1].Data[i%in[0].Shape[1]%len(in[1].Data)]
			share := 1.0
			if m := math.Abs(u); m < t {
				share = 0
				if sigma > 0 {
					share = math.Max(0, m-(1-sigma)*t) / (sigma * t) * t / m
				}
			}
			out[i] = u * share
		}
		return out
	}
}

func TestHard(t *testing.T) {
	var cases []optest.Case
	for _, sigma := range []float64{0, 0.2, 1} {
		for _, l := range []int{1, 6} {
			cases = append(cases, optest.Case{Name: fmt.Sprintf("σ %v, %d thresholds", sigma, l), Build: build(sigma),
				Ref: ref(sigma), Step: 1e-6,
				In: []optest.Array{optest.Normal(1, 1, 5, 6),
					optest.Zeros(l).Map(func(float64) float64 { return 0.6 })}})
		}
	}
	optest.Run(t, cases)
}

func TestBadSettings(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, build(2), optest.Zeros(2, 3), optest.Zeros(1))
	require.ErrorContains(t, err, "σ is 2, want it from 0 to 1")
	_, err = optest.Eval(tensor.Float64, build(0), optest.Zeros(2, 3), optest.Zeros(2))
	require.ErrorIs(t, err, op.ErrInput)
}
