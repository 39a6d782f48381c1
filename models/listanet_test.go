package models_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

func listaNet(t *testing.T, depth int) *models.LISTANet {
	t.Helper()
	rng := nn.Rand(1, "a")
	a := mat.NewDense(5, 9, nil)
	a.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, a)
	body, err := layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: layers.UnrollConfig{Name: "body", A: a,
		Layers: depth, Lambda: 0.1, Dtype: tensor.Float64}})
	require.NoError(t, err)
	net, err := models.NewLISTANet(models.LISTANetConfig{Body: body, Watch: true})
	require.NoError(t, err)
	return net
}

// TestLISTANetShowsItsLayers: the probe of layer t is what the network of t layers
// gives, within its depth and beyond.
func TestLISTANetShowsItsLayers(t *testing.T) {
	net := listaNet(t, 3)
	require.Len(t, net.Params(), 4)
	long, err := net.First(5)
	require.NoError(t, err)
	_, codes := run(t, nn.Eval, long.Codes, 2, 5)
	for steps := 1; steps <= 5; steps++ {
		short, err := net.First(steps)
		require.NoError(t, err)
		_, out := run(t, nn.Eval, one(short), 2, 5)
		require.Equal(t, codes[steps-1], out[0])
	}
	g := nn.NewGraph(nn.Eval)
	x, err := g.Input("x", tensor.New(tensor.WithShape(2, 5),
		tensor.WithBacking([]float64{1, 2, 3, 4, 5, 0, 0, 0, 0, 0})))
	require.NoError(t, err)
	_, err = net.Forward(g, x)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.Run())
	z, err := p.Probe("lista.z2")
	require.NoError(t, err)
	count := 0.0
	for _, v := range z.Float64s() {
		if v != 0 {
			count++
		}
	}
	require.NotZero(t, count)
	require.Equal(t, count/2, p.Scalar("lista.sparsity2"))
	require.Equal(t, net.Body().Thresholds()[1].Value.Float64s()[0], p.Scalar("lista.theta2"))
}

// TestDeepSupervisionIsTheSumOfTheLayers compares its gradient with that of the sum
// written out.
func TestDeepSupervisionIsTheSumOfTheLayers(t *testing.T) {
	net := listaNet(t, 3)
	weights := []float64{0.5, 0, 2}
	grads := func(loss func(g *nn.Graph, zs gorgonia.Nodes, y *gorgonia.Node) *gorgonia.Node) (all []float64) {
		g := nn.NewGraph(nn.Train)
		rng := nn.Rand(2, "x")
		input := func(name string, d int) *gorgonia.Node {
			v := tensor.New(tensor.WithShape(4, d), tensor.Of(tensor.Float64))
			for i := range v.Float64s() {
				v.Float64s()[i] = rng.NormFloat64()
			}
			n, err := g.Input(name, v)
			require.NoError(t, err)
			return n
		}
		x, y := input("x", 5), input("y", 9)
		zs, err := net.Codes(g, x)
		require.NoError(t, err)
		p, err := nn.Compile(g, nn.Outputs{Loss: loss(g, zs, y), Wrt: net.Params()})
		require.NoError(t, err)
		defer p.Close()
		require.NoError(t, p.Run())
		all = append(all, p.Loss())
		for _, d := range p.Grads() {
			all = append(all, d.Float64s()...)
		}
		return all
	}
	deep := grads(func(g *nn.Graph, zs gorgonia.Nodes, y *gorgonia.Node) *gorgonia.Node {
		l, err := losses.DeepSupervision{Net: net, Weights: weights}.Loss(g, zs[2], y)
		require.NoError(t, err)
		return l
	})
	sum := grads(func(g *nn.Graph, zs gorgonia.Nodes, y *gorgonia.Node) *gorgonia.Node {
		first, err := losses.CodeError{Name: "first"}.Loss(g, zs[0], y)
		require.NoError(t, err)
		third, err := losses.CodeError{Name: "third"}.Loss(g, zs[2], y)
		require.NoError(t, err)
		first, err = nn.Scale(first, 0.5)
		require.NoError(t, err)
		third, err = nn.Scale(third, 2)
		require.NoError(t, err)
		l, err := nn.Add(first, third)
		require.NoError(t, err)
		return l
	})
	require.InDeltaSlice(t, sum, deep, 1e-12)
}

func TestLISTANetReports(t *testing.T) {
	_, err := models.NewLISTANet(models.LISTANetConfig{})
	require.ErrorContains(t, err, `LISTANet "lista": Body is <nil> and Steps 0`)
	_, err = listaNet(t, 2).First(0)
	require.ErrorContains(t, err, "the first 0 layers")
}
