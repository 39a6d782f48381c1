package redunet_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// blobs returns n samples a class of the given shape: Gaussians about random
// centres.
func blobs(t *testing.T, seed uint64, classes, n int, shape ...int) *data.Set {
	t.Helper()
	d := 1
	for _, s := range shape {
		d *= s
	}
	r := rand.New(rand.NewPCG(seed, 0))
	centres := make([]float64, classes*d)
	for i := range centres {
		centres[i] = r.NormFloat64()
	}
	x, labels := make([]float64, 0, classes*n*d), make([]int, 0, classes*n)
	for i := range classes * n {
		j := i % classes
		for c := range d {
			x = append(x, centres[j*d+c]+0.7*r.NormFloat64())
		}
		labels = append(labels, j)
	}
	set, err := data.New(x, 1, shape, labels, classes)
	require.NoError(t, err)
	return set
}

func double(layers int) models.ReduNetConfig {
	return models.ReduNetConfig{Layers: layers, Dtype: tensor.Float64}
}

func buildNet(t *testing.T, set *data.Set, cfg redunet.Config) (*models.ReduNet, []redunet.Rates) {
	t.Helper()
	net, rates, err := redunet.Build(t.Context(), set, cfg)
	require.NoError(t, err)
	return net, rates
}

// collect returns what a layer makes of all samples.
func collect(t *testing.T, l layers.Layer, set *data.Set, batch int) *mat.Dense {
	t.Helper()
	c, err := train.NewPredictor(train.Output(l), tensor.Float64, batch, set.Shape(), nn.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	out, err := c.Collect(t.Context(), set)
	require.NoError(t, err)
	return out[0]
}

// normalized returns the samples of a set, each put on the sphere.
func normalized(t *testing.T, set *data.Set) *mat.Dense {
	t.Helper()
	var rows []float64
	for i := range set.Len() {
		at := len(rows)
		var err error
		rows, err = set.Row(rows, i)
		require.NoError(t, err)
		norm := 0.0
		for _, v := range rows[at:] {
			norm = math.Hypot(norm, v)
		}
		for c := range rows[at:] {
			rows[at+c] /= norm
		}
	}
	return mat.NewDense(set.Len(), len(rows)/set.Len(), rows)
}

// ascent returns P(z + η ∂ΔR/∂z), differentiated by the graph.
func ascent(t *testing.T, z *mat.Dense, labels []int, classes int, eta, eps2 float64) *mat.Dense {
	t.Helper()
	n, d := z.Dims()
	g := nn.NewGraph(nn.Train)
	p, err := nn.NewParam("z", tensor.Float64, n, d)
	require.NoError(t, err)
	require.NoError(t, nn.SetFloats(p.Value, z.RawMatrix().Data))
	bound, err := g.Bind(p)
	require.NoError(t, err)
	y := make([]float64, n)
	for i, l := range labels {
		y[i] = float64(l)
	}
	target, err := g.Input("y", tensor.New(tensor.WithShape(n), tensor.WithBacking(y)))
	require.NoError(t, err)
	loss, err := losses.MCR2{Classes: classes, Eps2: eps2}.Loss(g, bound, target)
	require.NoError(t, err)
	program, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{p}})
	require.NoError(t, err)
	defer func() { require.NoError(t, program.Close()) }()
	require.NoError(t, program.Run())
	grad := program.Grads()[0].Float64s()
	out := mat.NewDense(n, d, nil)
	for i := range n {
		row, norm := out.RawRowView(i), 0.0
		for c := range row {
			row[c] = z.At(i, c) - eta*grad[i*d+c]
			norm = math.Hypot(norm, row[c])
		}
		for c := range row {
			row[c] /= norm
		}
	}
	return out
}

func requireClose(t *testing.T, want, got *mat.Dense, tol float64, what string) {
	t.Helper()
	var diff mat.Dense
	diff.Sub(got, want)
	require.LessOrEqual(t, mat.Max(&diff)-mat.Min(&diff), tol, what)
}

func dense(m *mat.Dense) *tensor.Dense {
	r, c := m.Dims()
	return tensor.New(tensor.WithShape(r, c), tensor.WithBacking(append([]float64(nil), m.RawMatrix().Data...)))
}

// classify returns the features and the memberships that a network estimates.
func classify(t *testing.T, net *models.ReduNet, set *data.Set) (z, pi *mat.Dense) {
	t.Helper()
	c, err := train.NewPredictor(func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		z, pi, err := net.Classify(g, x)
		return gorgonia.Nodes{z, pi}, err
	}, tensor.Float64, set.Len(), set.Shape(), nn.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	out, err := c.Collect(t.Context(), set)
	require.NoError(t, err)
	return out[0], out[1]
}

// checkModelGradient compares the gradient of the MCR² loss of a network's features
// with the difference along one direction of all parameters, which memberships make
// so curved that it is good to five digits.
func checkModelGradient(t *testing.T, net *models.ReduNet, set *data.Set) {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	x := tensor.New(tensor.WithShape(append([]int{set.Len()}, set.Shape()...)...), tensor.Of(tensor.Float64))
	require.NoError(t, set.Fill(x, 0, set.Len()))
	in, err := g.Input("x", x)
	require.NoError(t, err)
	z, err := net.Forward(g, in)
	require.NoError(t, err)
	y := make([]float64, set.Len())
	for i, l := range set.Labels() {
		y[i] = float64(l)
	}
	target, err := g.Input("y", tensor.New(tensor.WithShape(len(y)), tensor.WithBacking(y)))
	require.NoError(t, err)
	loss, err := losses.MCR2{Classes: set.Classes()}.Loss(g, z, target)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: net.Params()})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.Run())
	r := rand.New(rand.NewPCG(1, 1))
	const h = 1e-6
	want := 0.0
	var directions [][]float64
	for i, q := range net.Params() {
		v := make([]float64, q.Value.Size())
		for k := range v {
			v[k] = r.NormFloat64()
			want += v[k] * p.Grads()[i].Float64s()[k]
		}
		directions = append(directions, v)
	}
	at := func(step float64) float64 {
		for i, q := range net.Params() {
			for k, v := range directions[i] {
				q.Value.Float64s()[k] += step * v
			}
		}
		require.NoError(t, p.Run())
		return p.Loss()
	}
	up := at(h)
	down := at(-2 * h)
	require.InDelta(t, want, (up-down)/(2*h), 1e-5*(1+math.Abs(want)))
}
