package adam_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/internal/op/adam"
	"github.com/whitebox-nn/whitebox/op"
)

// TestStep takes one step of a parameter that decays and of one that does not, and
// compares it with the formula.
func TestStep(t *testing.T) {
	g := gorgonia.NewGraph()
	var in gorgonia.Nodes
	var values []*tensor.Dense
	leaf := func(name string, v ...float64) {
		d := tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v))
		in = append(in, gorgonia.NewTensor(g, tensor.Float64, 1, gorgonia.WithName(name), gorgonia.WithShape(len(v)),
			gorgonia.WithValue(d)))
		values = append(values, d)
	}
	for _, p := range []string{"a", "b"} {
		leaf(p, 1, -2)
		leaf("gradient of "+p, 0.5, 3)
		leaf(p+".m", 0.1, 0.2)
		leaf(p+".v", 0.3, 0.4)
	}
	leaf("numbers", make([]float64, adam.Count)...)
	adam.Numbers{Rate: 0.1, L2: 0.01, Keep: 0.9, W1: 0.1, B2: 0.99, W2: 0.01, RootInverse: 2,
		E: 1e-8}.Fill(values[8].Float64s())
	out, err := op.Apply(adam.Step{Decays: "10"}, in...)
	require.NoError(t, err)
	p, err := engine.Compile(gorgonia.Nodes{out}, engine.Config{})
	require.NoError(t, err)
	require.NoError(t, p.Run())
	for i, decays := range []float64{1, 0} {
		for j, x := range []float64{1, -2} {
			grad := []float64{0.5, 3}[j] + decays*0.01*x
			m := 0.9*[]float64{0.1, 0.2}[j] + 0.1*grad
			v := 0.99*[]float64{0.3, 0.4}[j] + 0.01*grad*grad
			want := (1-decays*0.1)*x - 0.1*m/(2*math.Sqrt(v)+1e-8)
			require.InDelta(t, m, values[4*i+2].Float64s()[j], 1e-15)
			require.InDelta(t, v, values[4*i+3].Float64s()[j], 1e-15)
			require.InDelta(t, want, values[4*i].Float64s()[j], 1e-15)
		}
	}
}
