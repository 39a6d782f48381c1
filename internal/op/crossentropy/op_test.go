package crossentropy_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/crossentropy"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func logSoftmax(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(crossentropy.LogSoftmax{}, in...)
}

func mean(smoothing float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		logp, err := logSoftmax(in[0])
		if err != nil {
			return nil, err
		}
		return op.Apply(crossentropy.Mean{Smoothing: smoothing}, in[0], logp, in[1])
	}
}

// logSoftmaxRef is −log Σᵢ exp(xᵢ − xⱼ).
func logSoftmaxRef(in ...optest.Array) []float64 {
	d := in[0].Shape[len(in[0].Shape)-1]
	out := make([]float64, len(in[0].Data))
	for i, x := range in[0].Data {
		sum := 0.0
		for _, other := range in[0].Data[i/d*d : i/d*d+d] {
			sum += math.Exp(other - x)
		}
		out[i] = -math.Log(sum)
	}
	return out
}

func meanRef(smoothing float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		n, k := in[0].Shape[0], in[0].Shape[1]
		sum := 0.0
		for i, v := range logSoftmaxRef(in[0]) {
			q := smoothing / float64(k)
			if in[1].Data[i/k] == float64(i%k) {
				q += 1 - smoothing
			}
			sum -= q * v / float64(n)
		}
		return []float64{sum}
	}
}

func TestLogSoftmax(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{1}, {5}, {3, 4}, {4, 1}, {2, 3, 4}, {150, 131}} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: logSoftmax, Ref: logSoftmaxRef,
			In: []optest.Array{optest.Normal(1, 1, shape...)}})
	}
	optest.Run(t, cases)
}

func TestMean(t *testing.T) {
	var cases []optest.Case
	for _, s := range []float64{0, 0.1, 0.9} {
		for _, shape := range [][2]int{{6, 4}, {1, 3}, {5, 1}, {1, 1}, {700, 13}} {
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v, smoothing %v", shape, s), Build: mean(s),
				Ref: meanRef(s),
				In:  []optest.Array{optest.Normal(1, 2, shape[0], shape[1]), optest.Labels(1, shape[0], shape[1])}})
		}
	}
	optest.Run(t, cases)
}

func TestMeanIsExactForHugeLogits(t *testing.T) {
	x := optest.Of([]float64{1e4, -1e4, 0, -1e4, 1e4, 0}, 2, 3)
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		h, err := optest.Scalar(dt, mean(0), x, optest.Of([]float64{0, 1}, 2))
		require.NoError(t, err)
		require.Zero(t, h)
		h, err = optest.Scalar(dt, mean(0), x, optest.Of([]float64{1, 0}, 2))
		require.NoError(t, err)
		require.Equal(t, 2e4, h)
	}
}

// TestMeanOfEqualLogitsIsLogK: a model that knows nothing pays log k nats.
func TestMeanOfEqualLogitsIsLogK(t *testing.T) {
	for _, s := range []float64{0, 0.3} {
		h, err := optest.Scalar(tensor.Float64, mean(s), optest.Zeros(8, 10), optest.Labels(1, 8, 10))
		require.NoError(t, err)
		require.InDelta(t, math.Log(10), h, 1e-14) // 80 terms, each rounded
	}
}

func TestMeanReportsALabelOutOfRange(t *testing.T) {
	for _, y := range []float64{-1, 3, 0.5, math.NaN()} {
		_, err := optest.Scalar(tensor.Float32, mean(0), optest.Zeros(4, 3), optest.Of([]float64{0, 1, y, 2}, 4))
		require.True(t, errors.Is(err, op.ErrInput), "%v: %v", y, err)
		require.ErrorContains(t, err, "sample 2")
	}
}

func TestMeanReportsShapesAndSettings(t *testing.T) {
	_, err := optest.Scalar(tensor.Float32, mean(0), optest.Zeros(4, 3), optest.Zeros(3))
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "logits are (4, 3) and labels (3)")
	for _, s := range []float64{-0.1, 1, math.NaN()} {
		_, err := optest.Scalar(tensor.Float32, mean(s), optest.Zeros(4, 3), optest.Zeros(4))
		require.True(t, errors.Is(err, op.ErrInput), "%v", s)
	}
}
