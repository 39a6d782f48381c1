package csc_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// Every network takes 200 steps, and its loss falls.
func TestEveryNetworkLearns(t *testing.T) {
	for name, c := range coders(t, small(2)) {
		first, last := train(t, name, c, 200)
		require.Less(t, last, first/2, name)
	}
	cfg := small(2)
	cfg.Bounded = true
	for name, c := range coders(t, cfg) {
		first, last := train(t, name, c, 200)
		require.Less(t, last, first/2, "%s, bounded", name)
	}
}

// train has a network tell apart images that are bright at the top or at the bottom.
func train(t *testing.T, name string, c csc.Coder, steps int) (first, last float64) {
	t.Helper()
	x := images(16, 2, 12, 11)
	labels := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(16))
	for i := range 16 {
		labels.Float64s()[i] = float64(i % 2)
		for j := range 2 * 12 * 11 {
			if j/11%12/6 == i%2 {
				x.Float64s()[i*2*12*11+j] += 0.7
			}
		}
	}
	set(t, c.Params(), func(p *nn.Param) func(int) float64 {
		if p.NoDecay {
			return func(i int) float64 { return p.Value.Float64s()[i] }
		}
		r := nn.Rand(2, p.Name)
		return func(int) float64 { return 0.2 * r.NormFloat64() }
	})
	head, err := layers.NewLinear(layers.LinearConfig{Name: "head", In: 5 * 2 * 4, Out: 2, Dtype: tensor.Float64})
	require.NoError(t, err)
	net := models.Classifier{Encoder: layers.Sequential{c, layers.Flatten{}}, Head: head}
	g := nn.NewGraph(nn.Train)
	in, err := g.Input("images", x)
	require.NoError(t, err)
	logits, err := net.Forward(g, in)
	require.NoError(t, err, name)
	y, err := g.Input("labels", labels)
	require.NoError(t, err)
	loss, err := nn.CrossEntropy(logits, y, 0)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: net.Params()})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	o, err := optim.NewAdam(net.Params(), optim.Constant(0.003), optim.Adam{})
	require.NoError(t, err)
	for i := range steps {
		require.NoError(t, p.Run())
		require.False(t, math.IsNaN(p.Loss()), "%s: step %d", name, i)
		if i == 0 {
			first = p.Loss()
		}
		last = p.Loss()
		require.NoError(t, o.Step(p.Grads()))
	}
	return first, last
}
