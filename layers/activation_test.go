package layers_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// TestActivations compares with values of mpmath at −1, 0 and 2.
func TestActivations(t *testing.T) {
	x := []float64{-1, 0, 2}
	for name, c := range map[string]struct {
		layer layers.Layer
		want  []float64
	}{
		"tanh":       {layers.Tanh{}, []float64{-0.7615941559557649, 0, 0.9640275800758169}},
		"sigmoid":    {layers.Sigmoid{}, []float64{0.2689414213699951, 0.5, 0.8807970779778824}},
		"SiLU":       {layers.SiLU{}, []float64{-0.2689414213699951, 0, 1.7615941559557649}},
		"softplus":   {layers.Softplus{}, []float64{0.31326168751822286, 0.6931471805599453, 2.1269280110429727}},
		"GELU":       {layers.GELU{}, []float64{-0.15865525393145707, 0, 1.9544997361036416}},
		"GELU, tanh": {layers.GELU{Tanh: true}, []float64{-0.15880800939172324, 0, 1.954597694087775}},
		"leaky":      {layers.LeakyReLU{}, []float64{-0.01, 0, 2}},
		"leaky, ¼":   {layers.LeakyReLU{Slope: 0.25}, []float64{-0.25, 0, 2}},
	} {
		require.Empty(t, c.layer.Params(), name)
		for _, l := range []layers.Layer{c.layer, layers.Sequential{c.layer}} {
			require.InDeltaSlice(t, c.want, of(t, l, nn.Eval, 3).run(t, x), 1e-15, name)
		}
	}
}

func TestPReLU(t *testing.T) {
	x := []float64{-1, -2, 3, -4, 5, -6}
	one, err := layers.NewPReLU(layers.PReLUConfig{Name: "a", Dtype: tensor.Float64})
	require.NoError(t, err)
	require.Equal(t, "a.weight", one.Params()[0].Name)
	require.True(t, one.Params()[0].NoDecay)
	require.Equal(t, layers.PReLUConfig{Name: "a", Dim: 1, Slope: 0.25, Dtype: tensor.Float64}, one.Config())
	require.Equal(t, []float64{-0.25, -0.5, 3, -1, 5, -1.5}, of(t, one, nn.Eval, 2, 3).run(t, x))

	each, err := layers.NewPReLU(layers.PReLUConfig{Name: "b", Dim: 3, Slope: 0.5, Dtype: tensor.Float64})
	require.NoError(t, err)
	copy(each.Params()[0].Value.Float64s(), []float64{1, 0, -1})
	require.Equal(t, []float64{-1, 0, 3, -4, 5, 6}, of(t, each, nn.Eval, 2, 3).run(t, x))

	for want, cfg := range map[string]layers.PReLUConfig{
		"no Name": {}, `layers: PReLU "a": Dim is -1`: {Name: "a", Dim: -1},
	} {
		_, err := layers.NewPReLU(cfg)
		require.ErrorContains(t, err, want)
	}
	_, err = apply(each, nn.Eval, tensor.Float64, 2, 2)
	require.ErrorContains(t, err, `layers: PReLU "b"`)
	_, err = (*layers.PReLU)(nil).Forward(nil, nil)
	require.Error(t, err)
}

func TestEmbedding(t *testing.T) {
	cfg := layers.EmbeddingConfig{Name: "words", Rows: 5, Dim: 3, Dtype: tensor.Float64, Seed: 1}
	l, err := layers.NewEmbedding(cfg)
	require.NoError(t, err)
	require.Equal(t, "words.weight", l.Params()[0].Name)
	require.Equal(t, tensor.Shape{5, 3}, l.Params()[0].Value.Shape())
	w := l.Params()[0].Value.Float64s()
	row := func(r int) []float64 { return w[r*3 : (r+1)*3] }
	g := of(t, l, nn.Eval, 2, 2)
	require.Equal(t, tensor.Shape{2, 2, 3}, g.y.Shape())
	want := append(append(append(append([]float64{}, row(4)...), row(0)...), row(2)...), row(4)...)
	require.Equal(t, want, g.run(t, []float64{4, 0, 2, 4}))

	require.NoError(t, nn.SetFloats(g.x, []float64{4, 0, 5, 4}))
	require.ErrorContains(t, g.program.Run(), "number 2 of the index is 5, want an integer from 0 to 4")

	again, err := layers.NewEmbedding(cfg)
	require.NoError(t, err)
	require.Equal(t, w, again.Params()[0].Value.Float64s(), "the same seed draws the same")

	for want, cfg := range map[string]layers.EmbeddingConfig{
		"no Name": {Rows: 1, Dim: 1}, "float32 numbers at most 16777216": {Name: "a", Rows: 1<<24 + 1, Dim: 1},
		`layers: Embedding "a": 0 rows of 2 numbers`: {Name: "a", Dim: 2},
	} {
		_, err := layers.NewEmbedding(cfg)
		require.ErrorContains(t, err, want)
	}
	_, err = (*layers.Embedding)(nil).Forward(nil, nil)
	require.Error(t, err)
}

// TestEmbeddingLearns trains a table to its target: rows that are asked for move, others
// stay.
func TestEmbeddingLearns(t *testing.T) {
	l, err := layers.NewEmbedding(layers.EmbeddingConfig{Name: "e", Rows: 3, Dim: 2, Dtype: tensor.Float64, Seed: 1})
	require.NoError(t, err)
	g := nn.NewGraph(nn.Train)
	x := nn.Must(g.Input("x", tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{2, 0, 2}))))
	loss := nn.Must(nn.SumSquares(nn.Must(l.Forward(g, x))))
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: l.Params()})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.Run())
	w, grad := l.Params()[0].Value.Float64s(), p.Grads()[0].Float64s()
	// ∂/∂w of 2‖w₂‖² + ‖w₀‖²
	require.InDeltaSlice(t, []float64{2 * w[0], 2 * w[1], 0, 0, 4 * w[4], 4 * w[5]}, grad, 1e-15)
}
