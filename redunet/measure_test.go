package redunet_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// Of the training samples, with their labels, the rates are those of the construction.
func TestMeasureOfTheTrainingSamplesIsTheConstruction(t *testing.T) {
	for name, shape := range map[string][]int{"vectors": {6}, "few samples": {30}, "signals": {3, 9},
		"images": {2, 4, 5}} {
		set := blobs(t, 1, 3, 7, shape...)
		cfg := redunet.Config{Net: double(4), Eps2: 0.3, Batch: 1} // without samples of two classes
		cfg.Net.Shape = shape
		net, want := buildNet(t, set, cfg)
		before := flatParams(t, net.Params())
		for _, stream := range []bool{false, true} {
			got, err := redunet.Measure(t.Context(), net, set, redunet.Config{Eps2: 0.3, Batch: 5, Stream: stream},
				false)
			require.NoError(t, err)
			require.Len(t, got, len(want))
			for l := range want {
				require.InDelta(t, want[l].R, got[l].R, 1e-12, "%s, layer %d", name, l)
				require.InDelta(t, want[l].Rc, got[l].Rc, 1e-12, "%s, layer %d", name, l)
			}
		}
		require.Equal(t, before, flatParams(t, net.Params()), "the network stays")
	}
}

func flatParams(t *testing.T, params []*nn.Param) (all []float64) {
	t.Helper()
	for _, p := range params {
		v, err := nn.Floats(nil, p.Value)
		require.NoError(t, err)
		all = append(all, v...)
	}
	return all
}

// The rates of estimated classes are, layer by layer, those of coding.Rate for the
// classes of the largest memberships; some class gets no sample of the other set.
func TestMeasureOfEstimatedClasses(t *testing.T) {
	cfg := redunet.Config{Net: double(3), Eps2: 0.3}
	net, _ := buildNet(t, blobs(t, 1, 3, 7, 6), cfg)
	all := blobs(t, 1, 3, 5, 6)
	var two []int
	for i, y := range all.Labels() {
		if y != 1 {
			two = append(two, i)
		}
	}
	other, err := all.Subset(two)
	require.NoError(t, err)
	labels := make([]int, other.Len())
	for i := range labels {
		labels[i] = i % 3 // what the labels are plays no part after the first layer
	}
	other, err = other.WithLabels(labels)
	require.NoError(t, err)
	got, err := redunet.Measure(t.Context(), net, other, redunet.Config{Eps2: 0.3, Batch: 4}, true)
	require.NoError(t, err)
	c, err := train.NewPredictor(func(g *nn.Graph, x *gorgonia.Node) (all gorgonia.Nodes, err error) {
		z, err := net.Enter(g, x)
		for _, l := range net.Layers() {
			if err != nil {
				return nil, err
			}
			var pi *gorgonia.Node
			z, pi, err = l.Classify(g, z, nil)
			all = append(all, z, pi)
		}
		return all, err
	}, tensor.Float64, other.Len(), other.Shape(), nn.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	out, err := c.Collect(t.Context(), other)
	require.NoError(t, err)
	empty := false
	for l := range 3 {
		z := out[2*l]
		y, err := metrics.Argmax(out[2*l+1])
		require.NoError(t, err)
		whole, err := coding.Rate(z, 0.3)
		require.NoError(t, err)
		parts := 0.0
		for j := range 3 {
			var rows []float64
			for i, own := range y {
				if own == j {
					rows = append(rows, z.RawRowView(i)...)
				}
			}
			if empty = empty || len(rows) == 0; len(rows) == 0 {
				continue
			}
			rate, err := coding.Rate(mat.NewDense(len(rows)/6, 6, rows), 0.3)
			require.NoError(t, err)
			parts += rate * float64(len(rows)/6) / float64(len(y))
		}
		require.InDelta(t, whole, got[l+1].R, 1e-12)
		require.InDelta(t, parts, got[l+1].Rc, 1e-12)
	}
	require.True(t, empty, "the case has an empty class")
}

func TestMeasureRefuses(t *testing.T) {
	net, _ := buildNet(t, blobs(t, 1, 3, 7, 6), redunet.Config{Net: double(1)})
	_, err := redunet.Measure(t.Context(), net, blobs(t, 1, 2, 7, 6), redunet.Config{}, false)
	require.ErrorIs(t, err, redunet.ErrInput)
	_, err = redunet.Measure(t.Context(), net, blobs(t, 1, 3, 7, 5), redunet.Config{}, true)
	require.ErrorContains(t, err, "redunet: measure: samples are [5]")
}
