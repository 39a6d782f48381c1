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

func soft(smoothing float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		logp, err := logSoftmax(in[0])
		if err != nil {
			return nil, err
		}
		return op.Apply(crossentropy.Soft{Smoothing: smoothing}, in[0], logp, in[1])
	}
}

func softRef(smoothing float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		n, k := in[0].Shape[0], in[0].Shape[1]
		sum := 0.0
		for i, v := range logSoftmaxRef(in[0]) {
			sum -= ((1-smoothing)*in[1].Data[i] + smoothing/float64(k)) * v / float64(n)
		}
		return []float64{sum}
	}
}

func TestSoft(t *testing.T) {
	var cases []optest.Case
	for _, s := range []float64{0, 0.1} {
		for _, shape := range [][2]int{{6, 4}, {1, 3}, {5, 1}, {700, 13}} {
			p := optest.Normal(2, 1, shape[0], shape[1]).Map(math.Abs) // rows need not sum to 1
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v, smoothing %v", shape, s), Build: soft(s),
				Ref: softRef(s),
				In:  []optest.Array{optest.Normal(1, 2, shape[0], shape[1]), p}})
		}
	}
	optest.Run(t, cases)
}

// TestSoftOfOneHotIsMean: a target that is sure is a label.
func TestSoftOfOneHotIsMean(t *testing.T) {
	x, y := optest.Normal(1, 2, 9, 5), optest.Labels(1, 9, 5)
	p := optest.Zeros(9, 5)
	for i, j := range y.Data {
		p.Data[i*5+int(j)] = 1
	}
	for _, s := range []float64{0, 0.2} {
		hard, err := optest.Scalar(tensor.Float64, mean(s), x, y)
		require.NoError(t, err)
		shared, err := optest.Scalar(tensor.Float64, soft(s), x, p)
		require.NoError(t, err)
		require.InDelta(t, hard, shared, 1e-14)
	}
}

func TestSoftIsExactForHugeLogits(t *testing.T) {
	x := optest.Of([]float64{1e4, -1e4, math.Inf(-1)}, 1, 3)
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		h, err := optest.Scalar(dt, soft(0), x, optest.Of([]float64{0.5, 0.5, 0}, 1, 3))
		require.NoError(t, err)
		require.Equal(t, 1e4, h)
	}
}

func TestSoftReportsShapesAndSettings(t *testing.T) {
	_, err := optest.Scalar(tensor.Float32, soft(0), optest.Zeros(4, 3), optest.Zeros(4, 2))
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "logits are (4, 3) and targets (4, 2)")
	_, err = optest.Scalar(tensor.Float32, soft(1), optest.Zeros(4, 3), optest.Zeros(4, 3))
	require.True(t, errors.Is(err, op.ErrInput))
}
