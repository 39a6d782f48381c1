package dropout_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/dropout"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(rate float64, stream uint64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(dropout.Dropout{Rate: rate, Stream: stream}, in...)
	}
}

func step(t float64) optest.Array {
	return optest.Array{Shape: []int{1}, Data: []float64{t}, Const: true, Wide: true}
}

// kept returns which of n elements a stream keeps at a step, as 1 and 0.
func kept(t *testing.T, n int, rate float64, stream uint64, at float64) []float64 {
	t.Helper()
	ones := optest.Zeros(n).Map(func(float64) float64 { return 1 - rate })
	y, err := optest.Eval(tensor.Float64, build(rate, stream), ones, step(at))
	require.NoError(t, err)
	return y
}

// TestDropout: the reference scales by the mask that the op shows on ones.
func TestDropout(t *testing.T) {
	var cases []optest.Case
	for _, rate := range []float64{0, 0.3, 0.9} {
		for _, shape := range [][]int{{1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}} {
			x := optest.Normal(1, 1, shape...)
			mask := kept(t, len(x.Data), rate, 7, 12)
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v, rate %v", shape, rate), Build: build(rate, 7),
				In: []optest.Array{x, step(12)},
				Ref: func(in ...optest.Array) []float64 {
					out := append([]float64(nil), in[0].Data...)
					for i := range out {
						out[i] *= mask[i] / (1 - rate)
					}
					return out
				}})
		}
	}
	optest.Run(t, cases)
}

// TestMasksAreFairAndIndependent checks frequencies and correlations of a million
// draws against five standard deviations of what independent draws would give.
func TestMasksAreFairAndIndependent(t *testing.T) {
	const n, rate = 1 << 20, 0.3
	masks := map[string][]float64{
		"stream 1, step 1": kept(t, n, rate, 1, 1),
		"stream 1, step 2": kept(t, n, rate, 1, 2),
		"stream 2, step 1": kept(t, n, rate, 2, 1),
		"stream 3, step 0": kept(t, n, rate, 3, 0),
	}
	sd := math.Sqrt(rate * (1 - rate) / n)
	for name, m := range masks {
		require.InDelta(t, 1-rate, average(m), 5*sd, name)
		for _, lag := range []int{1, 2, 64, 4096} {
			require.InDelta(t, 0, correlation(m[:n-lag], m[lag:], rate), 5/math.Sqrt(n), "%s, lag %d", name, lag)
		}
		for other, o := range masks {
			if name != other {
				require.InDelta(t, 0, correlation(m, o, rate), 5/math.Sqrt(n), "%s and %s", name, other)
			}
		}
	}
}

func average(m []float64) (mean float64) {
	for _, v := range m {
		mean += v / float64(len(m))
	}
	return mean
}

// correlation returns that of two masks of known rate.
func correlation(a, b []float64, rate float64) (c float64) {
	for i := range a {
		c += (a[i] - (1 - rate)) * (b[i] - (1 - rate)) / float64(len(a))
	}
	return c / (rate * (1 - rate))
}

func TestDropoutReportsRatesOutOfRange(t *testing.T) {
	for _, rate := range []float64{-0.1, 1, math.NaN()} {
		_, err := optest.Eval(tensor.Float64, build(rate, 1), optest.Zeros(3), step(0))
		require.True(t, errors.Is(err, op.ErrInput), "%v", rate)
	}
	_, err := optest.Eval(tensor.Float64, build(0.5, 1), optest.Zeros(3),
		optest.Array{Shape: []int{2}, Data: make([]float64, 2), Wide: true})
	require.True(t, errors.Is(err, op.ErrInput))
}
