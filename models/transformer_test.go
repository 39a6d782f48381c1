package models_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// count returns the parameters of a network of c.Depth blocks, of which all but one are
// alike: from those of one and of two.
func count[L layers.Layer](
	t *testing.T, newL func(models.TransformerConfig) (L, error), c models.TransformerConfig,
) int {
	t.Helper()
	depth, n := c.Depth, [2]int{}
	for i := range n {
		c.Depth = i + 1
		l, err := newL(c)
		require.NoError(t, err)
		n[i] = nn.Size(l.Params())
	}
	return n[0] + (depth-1)*(n[1]-n[0])
}

// TestTransformersHaveTheirAuthorsCounts of parameters, of networks for ImageNet.
func TestTransformersHaveTheirAuthorsCounts(t *testing.T) {
	for name, want := range map[string]int{"tiny": 6090856, "small": 13116328, "base": 22796008, "large": 77641192} {
		c, err := models.CRATESize(name)
		require.NoError(t, err)
		require.Equal(t, want, count(t, models.NewCRATE, c), "CRATE %s", name)
	}
	base := models.TransformerConfig{Dim: 768, Heads: 12, Depth: 12}
	require.Equal(t, 72328936, count(t, models.NewCRATEAlpha, base), "CRATE-α B/16")
	for name, c := range map[string]struct{ dim, heads, depth, want int }{
		"tiny": {192, 3, 12, 5717416}, "small": {384, 6, 12, 22050664}, "base": {768, 12, 12, 86567656},
		"large": {1024, 16, 24, 304326632},
	} {
		got := count(t, models.NewViT, models.TransformerConfig{Dim: c.dim, Heads: c.heads, Depth: c.depth})
		require.Equal(t, c.want, got, "ViT %s", name)
	}
	_, err := models.CRATESize("huge")
	require.ErrorContains(t, err, `"huge"`)
}

// TestTransformersOfMNIST have the counts of the peers, and run in both dtypes; the tokens
// after the blocks are as many as there are blocks, and one more.
func TestTransformersOfMNIST(t *testing.T) {
	c := models.TransformerConfig{Image: 28, Channels: 1, Patch: 7, Classes: 10, Dim: 64, Depth: 4, Heads: 4}
	require.Equal(t, 55788, runs(t, models.NewCRATE, c))
	require.Equal(t, 169994, runs(t, models.NewCRATEAlpha, c))
	require.Equal(t, 205066, runs(t, models.NewViT, c))
	require.Equal(t, 272474, runs(t, models.NewToST, c))
	c.Mean = true
	require.Equal(t, 55788, runs(t, models.NewCRATE, c))
}

func runs[L layers.Layer](
	t *testing.T, newL func(models.TransformerConfig) (L, error), c models.TransformerConfig,
) int {
	t.Helper()
	size := 0
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		c.Dtype = dt
		l, err := newL(c)
		require.NoError(t, err)
		g := nn.NewGraph(nn.Eval)
		x, err := g.Input("x", tensor.New(tensor.WithShape(2, 1, 28, 28), tensor.Of(dt)))
		require.NoError(t, err)
		y, err := l.Forward(g, x)
		require.NoError(t, err)
		require.Equal(t, tensor.Shape{2, 10}, y.Shape())
		p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{y}})
		require.NoError(t, err)
		require.NoError(t, p.Run())
		out, err := p.Value(y)
		require.NoError(t, err)
		values, err := nn.Floats(nil, out)
		require.NoError(t, err)
		require.InDeltaSlice(t, values[:10], values[10:], 1e-5) // two images alike
		require.NoError(t, p.Close())
		size = nn.Size(l.Params())
	}
	return size
}

func TestTransformersRefuse(t *testing.T) {
	ok := models.TransformerConfig{Image: 8, Channels: 1, Patch: 4, Classes: 2, Dim: 6, Depth: 1, Heads: 2}
	for want, change := range map[string]func(c *models.TransformerConfig){
		"patches that divide the image": func(c *models.TransformerConfig) { c.Patch = 3 },
		"heads that divide them":        func(c *models.TransformerConfig) { c.Heads = 4 },
		"Depth is 0":                    func(c *models.TransformerConfig) { c.Depth = 0 },
	} {
		c := ok
		change(&c)
		_, err := models.NewCRATE(c)
		require.ErrorContains(t, err, want)
		_, err = models.NewViT(c)
		require.ErrorContains(t, err, want)
		_, err = models.NewToST(c)
		require.ErrorContains(t, err, want)
	}
	l, err := models.NewCRATE(ok)
	require.NoError(t, err)
	g := nn.NewGraph(nn.Eval)
	x, err := g.Input("x", tensor.New(tensor.WithShape(2, 1, 8, 12), tensor.Of(tensor.Float32)))
	require.NoError(t, err)
	_, err = l.Forward(g, x)
	require.ErrorIs(t, err, nn.ErrInput)
	_, err = l.Forward(g, nil)
	require.ErrorIs(t, err, nn.ErrInput)
	_, err = (&models.CRATE{}).Forward(g, x)
	require.Error(t, err)
}
