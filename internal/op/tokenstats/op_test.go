package tokenstats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/tokenstats"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(heads int) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(tokenstats.Statistics{Heads: heads}, in...)
	}
}

// ref is the definition, each number from all others.
func ref(heads int) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		b, n, d := in[0].Shape[0], in[0].Shape[1], in[0].Shape[2]
		p := d / heads
		square := func(s, i, j int) float64 { v := in[0].Data[(s*n+i)*d+j]; return v * v }
		pi := func(s, i, h int) float64 {
			score := func(h int) (sum float64) {
				for j := h * p; j < (h+1)*p; j++ {
					v := 0.0
					for l := range n {
						v += square(s, l, j)
					}
					sum += square(s, i, j) / v
				}
				return sum * in[1].Data[h]
			}
			sum := 0.0
			for other := range heads {
				sum += math.Exp(score(other) - score(h))
			}
			return 1 / sum
		}
		out := make([]float64, b*n*d)
		for o := range out {
			j, i, s := o%d, o/d%n, o/d/n
			t, sum := 0.0, 1e-8
			for l := range n {
				t, sum = t+pi(s, l, j/p)*square(s, l, j), sum+pi(s, l, j/p)
			}
			out[o] = -in[0].Data[o] * pi(s, i, j/p) / (1 + t/sum)
		}
		return out
	}
}

func TestStatistics(t *testing.T) {
	var cases []optest.Case
	for _, c := range []struct{ b, n, d, heads int }{{2, 5, 8, 2}, {1, 1, 1, 1}, {3, 4, 6, 3}, {2, 17, 12, 4},
		{1, 3, 4, 1}} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(c), Build: build(c.heads), Ref: ref(c.heads),
			In: []optest.Array{optest.Normal(1, 1, c.b, c.n, c.d), optest.Normal(2, 1, c.heads)}})
	}
	optest.Run(t, cases)
}

// TestTokensMayBePermuted: statistics do not know the order of tokens.
func TestTokensMayBePermuted(t *testing.T) {
	const n, d = 6, 8
	x := optest.Normal(1, 1, 1, n, d)
	turned := optest.Zeros(1, n, d)
	for i := range n {
		copy(turned.Data[i*d:(i+1)*d], x.Data[(i+2)%n*d:])
	}
	temp := optest.Normal(2, 1, 2)
	a, err := optest.Eval(tensor.Float64, build(2), x, temp)
	require.NoError(t, err)
	b, err := optest.Eval(tensor.Float64, build(2), turned, temp)
	require.NoError(t, err)
	for i := range n {
		require.InDeltaSlice(t, a[(i+2)%n*d:(i+2)%n*d+d], b[i*d:(i+1)*d], 1e-14)
	}
}

func TestStatisticsRefuse(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, build(3), optest.Zeros(1, 2, 8), optest.Zeros(3))
	require.True(t, errors.Is(err, op.ErrInput))
	require.ErrorContains(t, err, "3 heads do not divide")
	_, err = optest.Eval(tensor.Float64, build(2), optest.Zeros(1, 2, 8), optest.Zeros(3))
	require.ErrorContains(t, err, "each of 2 heads")
}
