package models

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// ReduNetConfig configures a ReduNet.
type ReduNetConfig struct {
	Name    string       // of the parameters; "" is "redunet"
	Dim     int          // d, the features of a sample
	Classes int          // k
	Layers  int          // at least 1
	Eta     float64      // η, the step of a layer; 0 is 0.5
	Lambda  float64      // λ of the estimated memberships; 0 is 500
	Hard    bool         // put each sample in its likeliest class alone
	Dtype   tensor.Dtype // zero is float32
	Seed    uint64       // of the initial values

	Weight nn.Initializer // of E and C of each layer; nil is nn.Glorot
}

// ReduNet is a network whose layers are steps of projected gradient ascent on the
// rate reduction ΔR of its features:
//
//	z₀ = P(x)        zₗ₊₁ = P(zₗ + η (Eₗ zₗ − Σⱼ γⱼ πⱼ(zₗ) Cⱼₗ zₗ))
//
// where P is the projection to the unit sphere; see layers.ReduNet. Package redunet
// constructs its parameters from labelled data, layer by layer and without
// back-propagation; they can also be trained as those of any model, from there or
// from the random ones that NewReduNet draws.
//
// Shapes: x n×d, or n×… with d numbers a sample; out n×d. Parameters:
// Name.layer0.e, Name.layer0.c, Name.layer0.gamma, ….
//
// Reference: Chan, Yu, You, Qi, Wright, Ma. ReduNet: a white-box deep network from
// the principle of maximizing rate reduction. JMLR 2022.
type ReduNet struct {
	cfg    ReduNetConfig
	layers []*layers.ReduNet
}

var _ layers.Layer = (*ReduNet)(nil)

// NewReduNet returns a network with initial values drawn from cfg.Seed.
func NewReduNet(cfg ReduNetConfig) (*ReduNet, error) {
	if cfg.Name == "" {
		cfg.Name = "redunet"
	}
	if cfg.Layers < 1 {
		return nil, errors.Errorf("models: ReduNet %q: %d Layers, want at least 1", cfg.Name, cfg.Layers)
	}
	m := &ReduNet{cfg: cfg}
	for i := range cfg.Layers {
		l, err := m.NewLayer(fmt.Sprintf("layer%d", i))
		if err != nil {
			return nil, errors.WithMessagef(err, "models: ReduNet %q", cfg.Name)
		}
		m.layers = append(m.layers, l)
	}
	return m, nil
}

// NewLayer returns a layer as those of m, with parameters of its own under
// m's name and the given one.
func (m *ReduNet) NewLayer(name string) (*layers.ReduNet, error) {
	return layers.NewReduNet(layers.ReduNetConfig{
		Name: m.cfg.Name + "." + name, Dim: m.cfg.Dim, Classes: m.cfg.Classes,
		Eta: m.cfg.Eta, Lambda: m.cfg.Lambda, Hard: m.cfg.Hard, Dtype: m.cfg.Dtype, Seed: m.cfg.Seed, Weight: m.cfg.Weight,
	})
}

// FeatureShape returns the shape of a batch of n samples between layers.
func (m *ReduNet) FeatureShape(n int) []int { return []int{n, m.cfg.Dim} }

// Config returns the configuration.
func (m *ReduNet) Config() ReduNetConfig { return m.cfg }

// Layers returns the layers, the first first.
func (m *ReduNet) Layers() []*layers.ReduNet { return m.layers }

// Truncate drops the layers from n on.
func (m *ReduNet) Truncate(n int) error {
	if n < 1 || n > len(m.layers) {
		return errors.Errorf("models: ReduNet %q: truncate to %d layers of %d", m.cfg.Name, n, len(m.layers))
	}
	m.layers, m.cfg.Layers = m.layers[:n:n], n
	return nil
}

// Enter adds what comes before the first layer, z₀ of x.
func (m *ReduNet) Enter(g *nn.Graph, x *gorgonia.Node) (z *gorgonia.Node, err error) {
	defer build.Catch(&err, "models: ReduNet %q", m.cfg.Name)
	flat := build.Must(nn.Flatten(x))
	if d := flat.Shape()[1]; d != m.cfg.Dim {
		return nil, errors.Wrapf(nn.ErrInput, "samples have %d numbers, shape %v, but the network was made for %d", d, x.Shape()[1:], m.cfg.Dim)
	}
	return build.Must(nn.Normalize(flat)), nil
}

// Forward implements layers.Layer: the features.
func (m *ReduNet) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	z, _, err := m.Classify(g, x)
	return z, err
}

// Classify is Forward, and returns also the memberships that the last layer
// estimates (n×k): the class of a sample is the largest.
func (m *ReduNet) Classify(g *nn.Graph, x *gorgonia.Node) (z, pi *gorgonia.Node, err error) {
	if z, err = m.Enter(g, x); err != nil {
		return nil, nil, err
	}
	for _, l := range m.layers {
		if z, pi, err = l.Classify(g, z, nil); err != nil {
			return nil, nil, errors.WithMessagef(err, "models: ReduNet %q", m.cfg.Name)
		}
	}
	return z, pi, nil
}

// Params implements layers.Layer.
func (m *ReduNet) Params() []*nn.Param {
	var ps []*nn.Param
	for _, l := range m.layers {
		ps = append(ps, l.Params()...)
	}
	return ps
}
