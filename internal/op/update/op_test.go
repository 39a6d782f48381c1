package update_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/op"
)

// start are the operands p, g, m and v of each of two parameters.
var start = [2][4]float64{{1.5, 0.5, 0.1, 0.3}, {-2, 3, 0.2, 0.4}}

// run applies an op to the first inputs of each parameter, of n equal elements, and
// returns them, and the output.
func run(t *testing.T, k op.Op, inputs, n int, numbers ...float64) (got [2][4]float64, out float64) {
	t.Helper()
	g := gorgonia.NewGraph()
	var in gorgonia.Nodes
	var values []*tensor.Dense
	leaf := func(name string, v ...float64) {
		d := tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v))
		in = append(in, gorgonia.NewTensor(g, tensor.Float64, 1, gorgonia.WithName(name), gorgonia.WithShape(len(v)),
			gorgonia.WithValue(d)))
		values = append(values, d)
	}
	for i := range start {
		for j := range inputs {
			x := make([]float64, n)
			for k := range x {
				x[k] = start[i][j]
			}
			leaf(fmt.Sprint(i, j), x...)
		}
	}
	leaf("numbers", numbers...)
	node, err := op.Apply(k, in...)
	require.NoError(t, err)
	p, err := engine.Compile(gorgonia.Nodes{node}, engine.Config{Workers: 2})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.Run())
	for i := range start {
		for j := range inputs {
			x := values[inputs*i+j].Float64s()
			for _, v := range x[1:] {
				require.Equal(t, math.Float64bits(x[0]), math.Float64bits(v), "all elements are alike")
			}
			got[i][j] = x[0]
		}
	}
	v, err := p.Value(node)
	require.NoError(t, err)
	return got, v.Float64s()[0]
}

// TestSteps compares every kind with its formula, for one element and for several chunks.
func TestSteps(t *testing.T) {
	type numbers [6]float64
	for _, c := range []struct {
		kind   update.Kind
		inputs int
		want   func(c numbers, f, p, g, m, v float64) [4]float64
	}{
		{update.Decay, 2, func(c numbers, f, p, g, _, _ float64) [4]float64 { return [4]float64{p, g + c[0]*f*p} }},
		{update.Scale, 2, func(c numbers, f, p, g, _, _ float64) [4]float64 { return [4]float64{p, c[0] * f * g} }},
		{update.Clamp, 2, func(c numbers, _, p, g, _, _ float64) [4]float64 {
			return [4]float64{p, math.Copysign(min(math.Abs(g), c[0]), g)}
		}},
		{update.Momentum, 3, func(c numbers, _, p, g, m, _ float64) [4]float64 {
			m = c[0]*m + c[1]*g
			return [4]float64{p, c[2]*g + c[3]*m, m}
		}},
		{update.Moments, 4, func(c numbers, _, p, g, m, v float64) [4]float64 {
			m, v = m+c[1]*(g-m), c[2]*v+c[3]*g*g
			return [4]float64{p, c[0] * m / (math.Sqrt(v)*c[4] + c[5]), m, v}
		}},
		{update.Subtract, 2, func(_ numbers, _, p, g, _, _ float64) [4]float64 { return [4]float64{p - g, g} }},
		{update.Descend, 2, func(c numbers, f, p, g, _, _ float64) [4]float64 {
			g += c[1] * f * p
			return [4]float64{p - c[0]*g, g}
		}},
		{update.DescendMomentum, 3, func(c numbers, f, p, g, m, _ float64) [4]float64 {
			d := g + c[1]*f*p
			m = c[2]*m + c[3]*d
			return [4]float64{p - c[0]*(c[4]*d+c[5]*m), g, m}
		}},
		{update.Average, 2, func(c numbers, _, p, a, _, _ float64) [4]float64 { return [4]float64{p, a + c[0]*(p-a)} }},
		{update.Exchange, 2, func(_ numbers, _, p, a, _, _ float64) [4]float64 { return [4]float64{a, p} }},
		{update.Copy, 3, func(_ numbers, _, p, g, _, _ float64) [4]float64 { return [4]float64{p, g, g} }},
	} {
		for _, n := range []int{1, 70000} {
			t.Run(fmt.Sprint(c.kind, " of ", n), func(t *testing.T) {
				c0 := numbers{0.7, 0.2, 0.9, 0.4, 1.3, 0.6}
				f := []float64{1, 0.25}
				got, _ := run(t, update.Step{Kind: c.kind, Factors: update.Factors(f...)}, c.inputs, n, c0[:]...)
				for i, s := range start {
					want := c.want(c0, f[i], s[0], s[1], s[2], s[3])
					for j := range c.inputs {
						require.InDelta(t, want[j], got[i][j], 1e-15, "input %d of parameter %d", j, i)
					}
				}
			})
		}
	}
}

func TestMeasures(t *testing.T) {
	of := func(f update.Figure, scale float64) float64 {
		_, out := run(t, update.Measure{Figure: f, Tensors: 2}, 2, 3, scale)
		return out
	}
	require.InEpsilon(t, 3*(0.25+9), of(update.Squares, 1), 1e-15)
	require.InEpsilon(t, 12*(0.25+9), of(update.Squares, 2), 1e-15)
	require.Equal(t, 3.0, of(update.Largest, 1))
	require.Equal(t, math.Inf(1), of(update.NotFinite, 1))
	start[1][1] = math.NaN()
	defer func() { start[1][1] = 3 }()
	require.Equal(t, 3.0, of(update.NotFinite, 1), "the fourth of six")
	require.True(t, math.IsNaN(of(update.Largest, 1)))
}
