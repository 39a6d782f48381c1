package layers_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

func TestReduNetHasTheParametersOfItsForm(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  layers.ReduNetConfig
		want []string
		size int
	}{
		"vectors": {layers.ReduNetConfig{Dim: 5, Classes: 3}, []string{"r.e", "r.c", "r.gamma"}, 25 + 75 + 3},
		"factored": {layers.ReduNetConfig{Dim: 5, Classes: 2, Rows: []int{1, 3}}, []string{"r.e", "r.b", "r.alpha",
			"r.gamma"}, 25 + 20 + 2 + 2},
		"signals": {layers.ReduNetConfig{Dim: 2, Freqs: 4, Classes: 3}, []string{"r.e", "r.c", "r.gamma"},
			32 + 96 + 3},
	} {
		c.cfg.Name = "r"
		l, err := layers.NewReduNet(c.cfg)
		require.NoError(t, err, name)
		var names []string
		for _, p := range l.Params() {
			names = append(names, p.Name)
		}
		require.Equal(t, c.want, names)
		require.Equal(t, c.size, nn.Size(l.Params()), name)
		require.True(t, l.Params()[len(names)-1].NoDecay, "γ")
	}
}

// TestReduNetMoveIsForward compares both on random layers, one above the features from
// which they differ.
func TestReduNetMoveIsForward(t *testing.T) {
	for name, cfg := range map[string]layers.ReduNetConfig{
		"vectors": {Dim: 70, Classes: 3}, "few features": {Dim: 5, Classes: 2}, "factored": {Dim: 5, Classes: 2,
			Rows: []int{1, 3}},
		"hard": {Dim: 70, Classes: 3, Hard: true}, "signals": {Dim: 3, Freqs: 4, Classes: 3},
	} {
		cfg.Name, cfg.Dtype, cfg.Lambda = "r", tensor.Float64, 20
		l, err := layers.NewReduNet(cfg)
		require.NoError(t, err)
		shape := []int{9, cfg.Dim}
		if cfg.Freqs > 0 {
			shape = []int{cfg.Freqs, 9, 2 * cfg.Dim}
		}
		p, err := nn.NewParam("z", tensor.Float64, shape...)
		require.NoError(t, err)
		require.NoError(t, initializer.Normal{Std: 1}.Fill(p, nn.Rand(1, "z")))
		g := nn.NewGraph(nn.Eval)
		z, err := g.Input("z", p.Value)
		require.NoError(t, err)
		want, err := l.Forward(g, z)
		require.NoError(t, err)
		got, err := l.Move(g, z)
		require.NoError(t, err)
		program, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{want, got}})
		require.NoError(t, err)
		require.NoError(t, program.Run())
		w, err := program.Value(want)
		require.NoError(t, err)
		v, err := program.Value(got)
		require.NoError(t, err)
		require.InDeltaSlice(t, w.Float64s(), v.Float64s(), 1e-13, name)
		require.NoError(t, program.Close())
	}
}

func TestReduNetRefusesSettings(t *testing.T) {
	for words, cfg := range map[string]layers.ReduNetConfig{
		"no Name":           {Dim: 1, Classes: 1},
		"0 features":        {Name: "r", Classes: 1},
		"0 classes":         {Name: "r", Dim: 1},
		"-1 frequencies":    {Name: "r", Dim: 1, Classes: 1, Freqs: -1},
		"Rows are [2]":      {Name: "r", Dim: 1, Classes: 2, Rows: []int{2}},
		"Rows are [2 0]":    {Name: "r", Dim: 1, Classes: 2, Rows: []int{2, 0}},
		"and 4 frequencies": {Name: "r", Dim: 1, Classes: 1, Freqs: 4, Rows: []int{2}},
	} {
		_, err := layers.NewReduNet(cfg)
		require.ErrorContains(t, err, words)
	}
}

// Filters of one number c make c·x of x, without what is below 0.
func TestLiftIsAFilterAndReLU(t *testing.T) {
	l, err := layers.NewRandomConv(layers.RandomConvConfig{Name: "l", In: 1, Out: 2, Window: []int{1},
		Dtype: tensor.Float64})
	require.NoError(t, err)
	require.NoError(t, nn.SetFloats(l.Params()[0].Value, []float64{2, -1}))
	g := nn.NewGraph(nn.Eval)
	x, err := g.Input("x", tensor.New(tensor.WithShape(1, 1, 3), tensor.WithBacking([]float64{1, -2, 3})))
	require.NoError(t, err)
	y, err := l.Forward(g, x)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{y}})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.Run())
	v, err := p.Value(y)
	require.NoError(t, err)
	require.Equal(t, []float64{2, 0, 6, 0, 2, 0}, v.Float64s())

	for words, cfg := range map[string]layers.RandomConvConfig{
		"no Name": {In: 1, Out: 1, Window: []int{1}}, "0 channels in": {Name: "l", Out: 1, Window: []int{1}},
		"filters []": {Name: "l", In: 1, Out: 1},
	} {
		_, err := layers.NewRandomConv(cfg)
		require.ErrorContains(t, err, words)
	}
}
