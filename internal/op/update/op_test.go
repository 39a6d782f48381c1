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
	return runGated(t, k, inputs, n, nil, numbers...)
}

// runGated is run with a gate, unless it is nil.
func runGated(
	t *testing.T, k op.Op, inputs, n int, gate []float64, numbers ...float64,
) (got [2][4]float64, out float64) {
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
	if gate != nil {
		leaf("gate", gate...)
	}
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

// measure runs a Measure on two gradients of three elements g each, and returns the gate.
func measure(t *testing.T, k update.Measure, g, h float64, numbers ...float64) ([]float64, error) {
	t.Helper()
	graph := gorgonia.NewGraph()
	var in gorgonia.Nodes
	leaf := func(name string, v ...float64) *tensor.Dense {
		d := tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v))
		in = append(in, gorgonia.NewTensor(graph, tensor.Float64, 1, gorgonia.WithName(name),
			gorgonia.WithShape(len(v)), gorgonia.WithValue(d)))
		return d
	}
	for i, x := range []float64{g, h} {
		leaf(fmt.Sprint("p", i), 1, 1, 1)
		leaf(fmt.Sprint("g", i), 0, x, x)
		if k.Figure == update.Overflow {
			leaf(fmt.Sprint("v", i), 1, 1, 1)
		}
	}
	leaf("numbers", numbers...)
	gate := leaf("gate", 0.5, 0.25, 0, 0, 0, 0, 0, 0)
	node, err := op.Apply(k, in...)
	require.NoError(t, err)
	p, err := engine.Compile(gorgonia.Nodes{node}, engine.Config{})
	require.NoError(t, err)
	err = p.Run()
	require.NoError(t, p.Close())
	return gate.Float64s(), err
}

func TestMeasures(t *testing.T) {
	ones := update.Factors(1, 1)
	refused := func(k update.Measure, element int, g, h float64, numbers ...float64) {
		t.Helper()
		gate, err := measure(t, k, g, h, numbers...)
		var f *update.Found
		require.ErrorAs(t, err, &f)
		require.ErrorIs(t, err, op.ErrNotFinite)
		require.Equal(t, element, f.Element)
		require.Zero(t, gate[0], "closed")
	}
	inf, nan := math.Inf(1), math.NaN()
	finite := update.Measure{Figure: update.NotFinite, Factors: ones, Parts: 1}
	gate, err := measure(t, finite, 1e308, -1e308, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{0.5, 0.25}, gate[:2], "as it was")
	refused(finite, 1, inf, nan, 0)
	refused(finite, 4, 1, nan, 0)
	finite.Opens = true
	gate, err = measure(t, finite, 1, 1, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1}, gate[:2])
	norm := update.Measure{Figure: update.Norm, Factors: ones, Opens: true, Parts: 1}
	for _, scale := range []float64{1e-300, 1e-200, 1, 1e200} {
		gate, err := measure(t, norm, 3*scale, 4*scale, scale, 0.5)
		require.NoError(t, err)
		require.InEpsilon(t, math.Sqrt(50), math.Ldexp(math.Sqrt(gate[2]), int(gate[3]))/scale, 1e-14)
		require.InEpsilon(t, min(1, 0.5/(math.Sqrt(50)+1e-6/scale)), gate[1], 1e-14)
	}
	gate, err = measure(t, norm, 3, 4, 100, 0.5)
	require.NoError(t, err)
	require.Equal(t, 1.0, gate[1], "it is not clipped")
	refused(norm, 0, inf, 1, 1, 0)
	refused(norm, 0, 1, nan, 1, 0)
	over := update.Measure{Figure: update.Overflow, Factors: update.Factors(1, 0), Parts: 1}
	_, err = measure(t, over, 3e154, 3e154, 0.9, 0.1, 0)
	require.NoError(t, err, "its square leaves float64, a tenth of it does not")
	refused(over, 4, 1e154, 1e155, 0.9, 1, 0)
	refused(over, 0, 1, 1, 0.9, 0.1, 1e155)
}

// TestAClosedGate sees every kind write nothing.
func TestAClosedGate(t *testing.T) {
	for _, kind := range []update.Kind{update.Decay, update.Scale, update.Clamp, update.Momentum, update.Moments,
		update.Subtract, update.Descend, update.DescendMomentum, update.Average, update.Exchange, update.Copy,
		update.Clip} {
		inputs := map[update.Kind]int{update.Momentum: 3, update.Moments: 4, update.DescendMomentum: 3,
			update.Copy: 3}[kind]
		inputs = max(inputs, 2)
		want := start
		for i := range want {
			clear(want[i][inputs:])
		}
		k := update.Step{Kind: kind, Factors: update.Factors(1, 1)}.Gated()
		for _, gate := range []float64{0, 1} {
			got, _ := runGated(t, k, inputs, 5, []float64{gate, 0.5}, 0.7, 0.2, 0.9, 0.4, 1.3, 0.6)
			if gate == 0 {
				require.Equal(t, want, got, kind)
			} else {
				require.NotEqual(t, want, got, kind)
			}
		}
	}
}
