package models_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// run returns the outputs of forward for standard normal draws x.
func run(
	t *testing.T, mode nn.Mode, forward func(*nn.Graph, *gorgonia.Node) (gorgonia.Nodes, error), shape ...int,
) (x []float64, out []*mat.Dense) {
	t.Helper()
	g := nn.NewGraph(mode)
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float64))
	x = draws(1, v.Size())
	require.NoError(t, nn.SetFloats(v, x))
	in, err := g.Input("x", v)
	require.NoError(t, err)
	nodes, err := forward(g, in)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Values: nodes})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.Run())
	for _, n := range nodes {
		v, err := p.Value(n)
		require.NoError(t, err)
		y, err := nn.Floats(nil, v)
		require.NoError(t, err)
		out = append(out, mat.NewDense(v.Shape()[0], v.Shape()[1], y))
	}
	return x, out
}

// draws returns n standard normal numbers.
func draws(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 2))
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

func one(l layers.Layer) func(*nn.Graph, *gorgonia.Node) (gorgonia.Nodes, error) {
	return func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		y, err := l.Forward(g, x)
		return gorgonia.Nodes{y}, err
	}
}

func mlp(t testing.TB, cfg models.MLPConfig) *models.MLP {
	t.Helper()
	cfg.Dtype = tensor.Float64
	m, err := models.NewMLP(cfg)
	require.NoError(t, err)
	return m
}

// perceptron is the formula of the doc, on matrices.
func perceptron(ps []*nn.Param, h *mat.Dense) *mat.Dense {
	for i := 0; i < len(ps); i += 2 {
		w := mat.NewDense(ps[i].Value.Shape()[0], ps[i].Value.Shape()[1], ps[i].Value.Float64s())
		var y mat.Dense
		y.Mul(h, w.T())
		y.Apply(func(_, j int, v float64) float64 {
			v += ps[i+1].Value.Float64s()[j]
			if i+2 < len(ps) {
				v = max(v, 0)
			}
			return v
		}, &y)
		h = &y
	}
	return h
}

func TestMLPIsItsFormula(t *testing.T) {
	for _, dims := range [][]int{{6, 3}, {6, 5, 3}, {6, 8, 4, 2}} {
		m := mlp(t, models.MLPConfig{Dims: dims, Seed: 1, Dropout: 0.5})
		for name, shape := range map[string][]int{"vectors": {4, 6}, "images": {4, 1, 2, 3}} {
			x, out := run(t, nn.Eval, one(m), shape...)
			want := perceptron(m.Params(), mat.NewDense(4, 6, x))
			require.True(t, mat.EqualApprox(want, out[0], 1e-13), name)
		}
	}
}

func TestMLPOnTheSphere(t *testing.T) {
	cfg := models.MLPConfig{Name: "enc", Dims: []int{5, 7, 3}, Seed: 2}
	x, plain := run(t, nn.Eval, one(mlp(t, cfg)), 4, 5)
	cfg.Normalize = true
	_, unit := run(t, nn.Eval, one(mlp(t, cfg)), 4, 5)
	require.Len(t, x, 20)
	for i := range 4 {
		a, b := mat.NewVecDense(3, plain[0].RawRowView(i)), mat.NewVecDense(3, unit[0].RawRowView(i))
		require.InDelta(t, 1, mat.Norm(b, 2), 1e-14)
		a.ScaleVec(1/mat.Norm(a, 2), a)
		require.True(t, mat.EqualApprox(a, b, 1e-14))
	}
}

func TestMLPDropsHiddenFeaturesInTraining(t *testing.T) {
	cfg := models.MLPConfig{Dims: []int{5, 50, 3}, Dropout: 0.5}
	_, eval := run(t, nn.Eval, one(mlp(t, cfg)), 4, 5)
	_, train := run(t, nn.Train, one(mlp(t, cfg)), 4, 5)
	require.False(t, mat.EqualApprox(eval[0], train[0], 1e-3))
	cfg.Dropout = 0
	_, without := run(t, nn.Train, one(mlp(t, cfg)), 4, 5)
	require.True(t, mat.Equal(eval[0], without[0]))
}

func TestMLPNamesItsParameters(t *testing.T) {
	var names []string
	var decays []bool
	for _, p := range mlp(t, models.MLPConfig{Dims: []int{4, 3, 2}}).Params() {
		names, decays = append(names, p.Name), append(decays, !p.NoDecay)
	}
	require.Equal(t, []string{"mlp.linear0.weight", "mlp.linear0.bias", "mlp.linear1.weight", "mlp.linear1.bias"},
		names)
	require.Equal(t, []bool{true, false, true, false}, decays)
	require.Equal(t, "enc.linear0.weight", mlp(t, models.MLPConfig{Name: "enc", Dims: []int{4, 3}}).Params()[0].Name)
}

func TestMLPOfOneSeedIsOne(t *testing.T) {
	value := func(seed uint64) []float64 {
		return mlp(t, models.MLPConfig{Dims: []int{4, 3, 2}, Seed: seed}).Params()[2].Value.Float64s()
	}
	require.Equal(t, value(1), value(1))
	require.NotEqual(t, value(1), value(2))
}

func TestClassifierIsAHeadOnAnEncoder(t *testing.T) {
	enc := mlp(t, models.MLPConfig{Name: "enc", Dims: []int{5, 4}, Normalize: true})
	head, err := layers.NewLinear(layers.LinearConfig{Name: "head", In: 4, Out: 3, Dtype: tensor.Float64})
	require.NoError(t, err)
	c := models.Classifier{Encoder: enc, Head: head}
	_, z := run(t, nn.Eval, one(enc), 6, 5)
	_, both := run(t, nn.Eval, func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		z, logits, err := c.Features(g, x)
		return gorgonia.Nodes{z, logits}, err
	}, 6, 5)
	_, logits := run(t, nn.Eval, one(c), 6, 5)
	require.True(t, mat.Equal(z[0], both[0]))
	require.True(t, mat.Equal(logits[0], both[1]))
	require.True(t, mat.EqualApprox(perceptron(head.Params(), z[0]), logits[0], 1e-14))
	require.Equal(t, append(enc.Params(), head.Params()...), c.Params())
}

func TestBadModels(t *testing.T) {
	_, err := models.NewMLP(models.MLPConfig{Name: "enc", Dims: []int{3}})
	require.ErrorContains(t, err, `models: MLP "enc": Dims are [3]`)
	_, err = models.NewMLP(models.MLPConfig{Name: "enc", Dims: []int{3, 0, 2}})
	require.ErrorContains(t, err, `models: MLP "enc": layers: Linear "enc.linear0": 3 features in and 0 out`)
	g := nn.NewGraph(nn.Train)
	x, err := g.Input("x", tensor.New(tensor.WithShape(2, 4), tensor.Of(tensor.Float64)))
	require.NoError(t, err)
	enc := mlp(t, models.MLPConfig{Name: "enc", Dims: []int{3, 2}})
	_, err = enc.Forward(g, x)
	require.ErrorContains(t, err,
		`models: MLP "enc": layers: Sequential: layer 1: layers: Linear "enc.linear0": linear: x is 2×4 but W is 2×3`)
	_, _, err = models.Classifier{Encoder: enc, Head: enc}.Features(g, x)
	require.ErrorContains(t, err, "x is 2×4")
	_, err = models.NewMLP(models.MLPConfig{Dims: []int{3, 4, 2}, Dropout: math.NaN()})
	require.ErrorContains(t, err, "Dropout is NaN")
}
