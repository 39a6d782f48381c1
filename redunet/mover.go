package redunet

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// A mover applies one layer to a batch of features. Its graph is compiled once,
// for a layer of its own that takes the parameters of any.
type mover[T float32 | float64] struct {
	layer   *layers.ReduNet
	loaded  *layers.ReduNet // whose parameters layer has
	program *nn.Program
	z, out  *tensor.Dense
	pi      []T // the memberships that are given; nil if they are estimated
	labels  []int
	classes int
}

func newMover[T float32 | float64](set *data.Set, cfg Config, net *models.ReduNet) (*mover[T], error) {
	m := &mover[T]{labels: set.Labels(), classes: cfg.Net.Classes}
	var err error
	if m.layer, err = net.NewLayer("scratch"); err != nil {
		return nil, err
	}
	batch := cfg.batch(set.Len(), size(net))
	g := nn.NewGraph(nn.Eval)
	m.z = tensor.New(tensor.WithShape(net.FeatureShape(batch)...), tensor.Of(cfg.Net.Dtype))
	z, err := g.Input("z", m.z)
	if err != nil {
		return nil, err
	}
	if !cfg.Labels {
		out, err := m.layer.Move(g, z)
		if err != nil {
			return nil, err
		}
		m.program, m.out, err = compile(g, out, cfg)
		return m, err
	}
	given := tensor.New(tensor.WithShape(batch, m.classes), tensor.Of(cfg.Net.Dtype))
	m.pi = floats[T](given)
	pi, err := g.Input("pi", given)
	if err != nil {
		return nil, err
	}
	out, _, err := m.layer.Classify(g, z, pi)
	if err != nil {
		return nil, err
	}
	m.program, m.out, err = compile(g, out, cfg)
	return m, err
}

// load takes the parameters of a layer.
func (m *mover[T]) load(l *layers.ReduNet) {
	if m.loaded == l {
		return
	}
	for i, p := range m.layer.Params() {
		dense.Copy(p.Value, l.Params()[i].Value)
	}
	m.loaded = l
}

// run stores in out the features z of samples lo, …, lo+n−1 after the layer.
func (m *mover[T]) run(out, z []T, lo, n int) error {
	copy(floats[T](m.z), z)
	if m.pi != nil {
		clear(m.pi)
		for i := range len(m.pi) / m.classes { // rows from n on repeat the last sample, as in the batch
			m.pi[i*m.classes+m.labels[lo+min(i, n-1)]] = 1
		}
	}
	if err := m.program.Run(); err != nil {
		return err
	}
	copy(out, floats[T](m.out))
	return nil
}

// size returns the numbers of one sample between layers.
func size(net *models.ReduNet) int {
	n := 1
	for _, s := range net.FeatureShape(1) {
		n *= s
	}
	return n
}
