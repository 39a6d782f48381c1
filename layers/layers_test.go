package layers_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// A graph is a layer applied to an input.
type graph struct {
	program *nn.Program
	x, y    *tensor.Dense
}

// apply compiles a layer for inputs of a shape.
func apply(l layers.Layer, mode nn.Mode, dt tensor.Dtype, shape ...int) (*graph, error) {
	g := nn.NewGraph(mode)
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
	x, err := g.Input("x", v)
	if err != nil {
		return nil, err
	}
	y, err := l.Forward(g, x)
	if err != nil {
		return nil, err
	}
	p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{y}})
	if err != nil {
		return nil, err
	}
	out, err := p.Value(y)
	return &graph{p, v, out}, err
}

// run returns the layer's output for x.
func (g *graph) run(t testing.TB, x []float64) []float64 {
	t.Helper()
	require.NoError(t, nn.SetFloats(g.x, x))
	require.NoError(t, g.program.Run())
	y, err := nn.Floats(nil, g.y)
	require.NoError(t, err)
	return y
}

func of(t testing.TB, l layers.Layer, mode nn.Mode, shape ...int) *graph {
	t.Helper()
	g, err := apply(l, mode, tensor.Float64, shape...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, g.program.Close()) })
	return g
}

func normal(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

func linear(t testing.TB, cfg layers.LinearConfig) *layers.Linear {
	t.Helper()
	cfg.Dtype = tensor.Float64
	l, err := layers.NewLinear(cfg)
	require.NoError(t, err)
	return l
}

func TestLinearIsAnAffineMap(t *testing.T) {
	const n, in, out = 4, 3, 2
	x := normal(1, n*in)
	for _, bare := range []bool{false, true} {
		l := linear(t, layers.LinearConfig{Name: "enc", In: in, Out: out, NoBias: bare, Seed: 1})
		w := l.Params()[0].Value.Float64s()
		y := of(t, l, nn.Eval, n, in).run(t, x)
		for i := range n {
			for j := range out {
				want := 0.0
				for m := range in {
					want += x[i*in+m] * w[j*in+m]
				}
				if !bare {
					want += l.Params()[1].Value.Float64s()[j]
				}
				require.InDelta(t, want, y[i*out+j], 1e-14)
			}
		}
	}
}

func TestLinearHasPyTorchsInitialValues(t *testing.T) {
	const in = 100
	l := linear(t, layers.LinearConfig{Name: "enc", In: in, Out: 400, Seed: 1})
	require.Equal(t, "enc.weight", l.Params()[0].Name)
	require.Equal(t, "enc.bias", l.Params()[1].Name)
	require.False(t, l.Params()[0].NoDecay)
	require.True(t, l.Params()[1].NoDecay)
	for _, p := range l.Params() {
		v := p.Value.Float64s()
		for _, x := range v {
			require.LessOrEqual(t, math.Abs(x), 0.1, "uniform in ±1/√%d", in)
		}
		// Uniform in ±b has a mean square of b²/3, and 400 draws are within 4 deviations of it.
		require.InEpsilon(t, 0.01/3, stat.PopVariance(v, nil), 4*math.Sqrt(0.8/float64(len(v))), p.Name)
	}
}

func TestInitialValuesDependOnSeedAndName(t *testing.T) {
	value := func(name string, seed uint64) []float64 {
		l := linear(t, layers.LinearConfig{Name: name, In: 3, Out: 3, Seed: seed})
		return l.Params()[0].Value.Float64s()
	}
	require.Equal(t, value("a", 1), value("a", 1))
	require.NotEqual(t, value("a", 1), value("b", 1))
	require.NotEqual(t, value("a", 1), value("a", 2))
	l, err := layers.NewLinear(layers.LinearConfig{Name: "a", In: 3, Out: 3, Weight: initializer.Ones{},
		Bias: initializer.Zeros{}})
	require.NoError(t, err)
	require.Equal(t, tensor.Float32, l.Params()[0].Value.Dtype(), "the zero dtype")
	require.Equal(t, []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}, l.Params()[0].Value.Float32s())
	require.Equal(t, []float32{0, 0, 0}, l.Params()[1].Value.Float32s())
}

// A training graph and an evaluation graph see one memory.
func TestGraphsShareParameters(t *testing.T) {
	l := linear(t, layers.LinearConfig{Name: "enc", In: 1, Out: 1, NoBias: true})
	a, b := of(t, l, nn.Train, 2, 1), of(t, l, nn.Eval, 3, 1)
	l.Params()[0].Value.Float64s()[0] = 5
	require.Equal(t, []float64{5, 10}, a.run(t, []float64{1, 2}))
	require.Equal(t, []float64{15, 20, 25}, b.run(t, []float64{3, 4, 5}))
}

func TestLayerNormStandardizes(t *testing.T) {
	const n, d = 5, 64
	l, err := layers.NewLayerNorm(layers.LayerNormConfig{Name: "norm", Dim: d, Eps: 1e-12, Dtype: tensor.Float64})
	require.NoError(t, err)
	g := of(t, l, nn.Eval, n, d)
	x := normal(2, n*d)
	for i := range x {
		x[i] = 7 + 3*x[i]
	}
	y := g.run(t, x)
	for i := range n {
		require.InDelta(t, 0, stat.Mean(y[i*d:(i+1)*d], nil), 1e-13)
		require.InDelta(t, 1, stat.PopVariance(y[i*d:(i+1)*d], nil), 1e-10)
	}
	gamma, beta := l.Params()[0], l.Params()[1]
	require.Equal(t, "norm.weight", gamma.Name)
	require.Equal(t, "norm.bias", beta.Name)
	require.True(t, gamma.NoDecay && beta.NoDecay)
	for j := range d {
		gamma.Value.Float64s()[j], beta.Value.Float64s()[j] = float64(j), 1
	}
	for i, v := range g.run(t, x) {
		require.InDelta(t, y[i]*float64(i%d)+1, v, 1e-12)
	}
	require.NotEqual(t, y, of(t, layerNorm(t, 0), nn.Eval, n, d).run(t, x), "the default ε is larger")
}

func layerNorm(t testing.TB, eps float64) *layers.LayerNorm {
	l, err := layers.NewLayerNorm(layers.LayerNormConfig{Name: "norm", Dim: 64, Eps: eps, Dtype: tensor.Float64})
	require.NoError(t, err)
	return l
}

func TestDropoutIsForTrainingOnly(t *testing.T) {
	l := layers.Dropout{Name: "drop", Rate: 0.25, Seed: 1}
	const n = 20000
	ones := make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	require.Equal(t, ones, of(t, l, nn.Eval, 10, n/10).run(t, ones))
	g := of(t, l, nn.Train, 10, n/10)
	g.program.SetStep(1)
	y := g.run(t, ones)
	kept := 0
	for _, v := range y {
		if v != 0 {
			require.InDelta(t, 1/0.75, v, 1e-15)
			kept++
		}
	}
	require.InDelta(t, 0.75, float64(kept)/n, 4*math.Sqrt(0.25*0.75/n), "4 deviations")
	require.Equal(t, y, g.run(t, ones), "the same step draws the same")
	g.program.SetStep(2)
	require.NotEqual(t, y, g.run(t, ones))
	other := of(t, layers.Dropout{Name: "other", Rate: 0.25, Seed: 1}, nn.Train, 10, n/10)
	other.program.SetStep(1)
	require.NotEqual(t, y, other.run(t, ones), "another name draws another stream")
}

func TestPlainLayers(t *testing.T) {
	x := []float64{3, -4, 0, 0, -1, 2, 0, 5}
	require.Equal(t, []float64{3, 0, 0, 0, 0, 2, 0, 5}, of(t, layers.ReLU{}, nn.Eval, 2, 2, 2).run(t, x))
	require.Equal(t, tensor.Shape{3, 1}, of(t, layers.Flatten{}, nn.Eval, 3).y.Shape())
	flat := of(t, layers.Flatten{}, nn.Eval, 2, 2, 2)
	require.Equal(t, x, flat.run(t, x))
	require.Equal(t, tensor.Shape{2, 4}, flat.y.Shape())
	require.InDeltaSlice(t, []float64{0.6, -0.8, 0, 0, -1 / math.Sqrt(5), 2 / math.Sqrt(5), 0, 1},
		of(t, layers.Normalize{}, nn.Eval, 4, 2).run(t, x), 1e-15)
	for _, l := range []layers.Layer{layers.ReLU{}, layers.Flatten{}, layers.Normalize{}, layers.Dropout{}} {
		require.Empty(t, l.Params())
	}
}

func TestSequenceIsOneLayerAfterTheOther(t *testing.T) {
	a := linear(t, layers.LinearConfig{Name: "a", In: 3, Out: 4, Seed: 1})
	b := linear(t, layers.LinearConfig{Name: "b", In: 4, Out: 2, Seed: 1})
	x := normal(3, 6)
	h := of(t, a, nn.Eval, 2, 3).run(t, x)
	for i := range h {
		h[i] = max(h[i], 0)
	}
	want := of(t, b, nn.Eval, 2, 4).run(t, h)
	s := layers.Sequential{a, layers.ReLU{}, b}
	require.Equal(t, want, of(t, s, nn.Eval, 2, 3).run(t, x))
	require.Equal(t, append(a.Params(), b.Params()...), s.Params())
	require.Equal(t, x, of(t, layers.Sequential{}, nn.Eval, 2, 3).run(t, x), "none is the identity")
}

func TestBadLayers(t *testing.T) {
	_, err := layers.NewLinear(layers.LinearConfig{Name: "enc", Out: 2})
	require.ErrorContains(t, err, `layers: Linear "enc": 0 features in and 2 out`)
	_, err = layers.NewLinear(layers.LinearConfig{Name: "enc", In: 1, Out: 2, Dtype: tensor.Int})
	require.ErrorContains(t, err, `layers: Linear "enc"`)
	_, err = layers.NewLinear(layers.LinearConfig{In: 1, Out: 2})
	require.ErrorContains(t, err, "layers: Linear: no Name")
	_, err = layers.NewLayerNorm(layers.LayerNormConfig{Dim: 1})
	require.ErrorContains(t, err, "layers: LayerNorm: no Name")
	_, err = layers.NewLayerNorm(layers.LayerNormConfig{Name: "norm"})
	require.ErrorContains(t, err, `layers: LayerNorm "norm": Dim is 0`)
	_, err = layers.NewLayerNorm(layers.LayerNormConfig{Name: "norm", Dim: 1, Eps: -1})
	require.ErrorContains(t, err, "Eps -1")

	enc := linear(t, layers.LinearConfig{Name: "enc", In: 3, Out: 2})
	for _, c := range []struct {
		layer layers.Layer
		shape []int
		want  string
	}{
		{enc, []int{4, 5}, `layers: Linear "enc": linear: x is 4×5 but W is 2×3`},
		{layers.Sequential{layers.ReLU{}, enc}, []int{4, 5}, `layers: Sequential: layer 1: layers: Linear "enc"`},
		{layers.Sequential{enc, linear(t, layers.LinearConfig{Name: "enc", In: 2, Out: 2})}, []int{4, 3},
			`"enc.weight"`},
		{layerNorm(t, 0), []int{4, 5}, `layers: LayerNorm "norm": `},
		{layers.Dropout{Name: "drop", Rate: 1}, []int{4, 5}, `layers: Dropout "drop": `},
		{layers.Dropout{Name: "drop", Rate: -0.1}, []int{4, 5}, "-0.1"},
		{layers.Normalize{}, []int{4, 5, 1}, "layers: Normalize: "},
	} {
		_, err := apply(c.layer, nn.Train, tensor.Float64, c.shape...)
		require.ErrorContains(t, err, c.want, "%v", c.want)
	}
}
