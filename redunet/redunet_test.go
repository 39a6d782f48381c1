package redunet_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
)

// labelled is a network that is given the memberships of its one batch.
type labelled struct {
	*models.ReduNet
	pi *mat.Dense
}

func (m labelled) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	z, err := m.Enter(g, x)
	if err != nil {
		return nil, err
	}
	pi, err := g.Input("pi", dense(m.pi))
	if err != nil {
		return nil, err
	}
	for _, l := range m.Layers() {
		if z, _, err = l.Classify(g, z, pi); err != nil {
			return nil, err
		}
	}
	return m.Leave(z)
}

var _ layers.Layer = labelled{}

// The theorem that the network is: the layers that Build makes are steps of
// gradient ascent, by another program, which differentiates ΔR. Of the classes,
// some have fewer samples than half of the features and some more.
func TestALayerIsAStepOfGradientAscent(t *testing.T) {
	for _, c := range []struct{ n, d int }{{20, 5}, {6, 30}, {10, 20}, {3, 40}, {1, 7}} {
		t.Run(fmt.Sprintf("%d samples of %d", c.n, c.d), func(t *testing.T) {
			const classes, depth = 3, 3
			set := blobs(t, 1, classes, c.n, c.d)
			cfg := redunet.Config{Net: double(depth), Eps2: 0.3, Labels: true}
			cfg.Net.Eta = 0.4
			net, rates := buildNet(t, set, cfg)
			z := normalized(t, set)
			pi := mat.NewDense(set.Len(), classes, nil)
			for i, y := range set.Labels() {
				pi.Set(i, y, 1)
			}
			for l := range depth + 1 {
				whole, err := coding.Rate(z, 0.3)
				require.NoError(t, err)
				parts, err := coding.ClassRate(z, set.Labels(), classes, 0.3)
				require.NoError(t, err)
				require.InDelta(t, whole, rates[l].R, 1e-10)
				require.InDelta(t, parts, rates[l].Rc, 1e-10)
				require.InDelta(t, whole-parts, rates[l].DeltaR, 1e-10)
				if l < depth {
					z = ascent(t, z, set.Labels(), classes, 0.4, 0.3)
				}
			}
			requireClose(t, z, collect(t, labelled{net, pi}, set, set.Len()), 1e-12, "features")
		})
	}
}

// The features that rates are of are those that the network makes, batch by batch,
// kept or not.
func TestTheNetworkMakesTheFeaturesOfItsConstruction(t *testing.T) {
	set := blobs(t, 2, 3, 15, 6)
	for name, change := range map[string]func(*redunet.Config){
		"one batch": func(*redunet.Config) {},
		"batches":   func(c *redunet.Config) { c.Batch = 7 },
		"streamed":  func(c *redunet.Config) { c.Batch, c.Stream = 7, true },
		"hard":      func(c *redunet.Config) { c.Net.Hard = true },
	} {
		cfg := redunet.Config{Net: double(4), Eps2: 0.2}
		cfg.Net.Lambda = 3
		change(&cfg)
		net, rates := buildNet(t, set, cfg)
		require.Len(t, rates, 5)
		z := collect(t, net, set, 11)
		delta, err := coding.Reduction(z, set.Labels(), 3, 0.2)
		require.NoError(t, err)
		require.InDelta(t, delta, rates[4].DeltaR, 1e-10, name)
	}
}

func TestBatchesAndWorkersDoNotMatter(t *testing.T) {
	set := blobs(t, 3, 2, 12, 5)
	var first []redunet.Rates
	for _, workers := range []int{1, 2, 8} {
		_, rates := buildNet(t, set, redunet.Config{Net: double(3), Batch: 10, Workers: workers})
		_, streamed := buildNet(t, set, redunet.Config{Net: double(3), Batch: 10, Workers: workers, Stream: true})
		if first == nil {
			first = rates
		}
		require.Equal(t, first, rates)
		require.Equal(t, first, streamed)
	}
}
