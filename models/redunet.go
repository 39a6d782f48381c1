package models

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/spectral"
)

// ReduNetConfig configures a ReduNet.
type ReduNetConfig struct {
	Name    string       // of the parameters; "" is "redunet"
	Shape   []int        // of a sample: d features, or the C×T or C×H×W of a translation-invariant network
	Classes int          // k
	Layers  int          // at least 1
	Eta     float64      // η, the step of a layer; 0 is 0.5
	Lambda  float64      // λ of the estimated memberships; 0 is 500
	Rows    []int        // of each Bⱼ, in a network on vectors with Cⱼ = αⱼ(I − BⱼᵀBⱼ); nil is for any Cⱼ
	Hard    bool         // put each sample in its likeliest class alone
	Dtype   tensor.Dtype // zero is float32
	Seed    uint64       // of the filters and the initial values

	// Channels that random filters with windows of Kernel, or Kernel×Kernel, lift a
	// translation-invariant network's samples to; see layers.RandomConv. 0 is none.
	Channels, Kernel int

	Weight nn.Initializer // of E and C of each layer; nil is initializer.Glorot
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
// A network with a Shape of C×T or C×H×W is translation-invariant: zₗ is the spectrum
// of the channels (spectral.Transform), and the layers are circular convolutions. Shifted
// samples give shifted features, exactly, and the same memberships. Its out is n×d
// with d the numbers of all channels; Name.lift.weight are its filters, if it lifts.
//
// Reference: Chan, Yu, You, Qi, Wright, Ma. ReduNet: a white-box deep network from
// the principle of maximizing rate reduction. JMLR 2022.
type ReduNet struct {
	cfg    ReduNetConfig
	lift   *layers.RandomConv // nil for none
	layers []*layers.ReduNet
}

var _ layers.Layer = (*ReduNet)(nil)

// NewReduNet returns a network with initial values drawn from cfg.Seed.
func NewReduNet(cfg ReduNetConfig) (*ReduNet, error) {
	if cfg.Name == "" {
		cfg.Name = "redunet"
	}
	if cfg.Layers < 1 || cfg.Layers > sizes.MostLayers {
		return nil, errors.Errorf("models: ReduNet %q: %d Layers, want 1 to %d", cfg.Name, cfg.Layers, sizes.MostLayers)
	}
	cfg.Shape = slices.Clone(cfg.Shape)
	m := &ReduNet{cfg: cfg}
	if err := m.prepare(); err != nil {
		return nil, errors.WithMessagef(err, "models: ReduNet %q", cfg.Name)
	}
	for i := range cfg.Layers {
		l, err := m.NewLayer(fmt.Sprintf("layer%d", i))
		if err != nil {
			return nil, errors.WithMessagef(err, "models: ReduNet %q", cfg.Name)
		}
		m.layers = append(m.layers, l)
	}
	return m, nil
}

// prepare checks the shapes and makes the filters.
func (m *ReduNet) prepare() (err error) {
	c := m.cfg
	if len(c.Shape) < 1 || len(c.Shape) > 3 || slices.Min(c.Shape) < 1 {
		return errors.Errorf("Shape is %v, want d, C×T or C×H×W", c.Shape)
	}
	if err := m.affordable(); err != nil {
		return err
	}
	if c.Channels == 0 {
		return nil
	}
	sides := c.Shape[1:]
	if len(sides) == 0 || c.Channels < 0 || c.Kernel < 1 || c.Kernel > slices.Min(sides) {
		return errors.Errorf("filters of %d to %d Channels for samples of %v, want signals or images at least as long",
			c.Kernel, c.Channels, c.Shape)
	}
	m.lift, err = layers.NewRandomConv(layers.RandomConvConfig{
		Name: c.Name + ".lift", In: c.Shape[0], Out: c.Channels, Window: slices.Repeat([]int{c.Kernel}, len(sides)),
		Dtype: c.Dtype, Seed: c.Seed,
	})
	return err
}

// affordable reports parameters that are too large for any memory.
func (m *ReduNet) affordable() error {
	c := m.cfg
	if err := sizes.Check("samples", c.Shape...); err != nil {
		return err
	}
	if err := sizes.CheckClasses(c.Classes); err != nil {
		return err
	}
	d := max(c.Shape[0], c.Channels)
	if c.Rows != nil {
		return sizes.Check("E of all layers", c.Layers, d, d)
	}
	return sizes.Check("E and C of all layers", c.Layers, c.Classes+1, max(m.freqs(), 1), d, d)
}

// channels returns the channels of features, or the features of a network on vectors.
func (m *ReduNet) channels() int {
	if m.cfg.Channels > 0 {
		return m.cfg.Channels
	}
	return m.cfg.Shape[0]
}

// freqs returns the number of frequencies, 0 for a network on vectors.
func (m *ReduNet) freqs() int {
	switch s := m.cfg.Shape; len(s) {
	case 2:
		return s[1]/2 + 1
	case 3:
		return (s[1]/2 + 1) * s[2]
	}
	return 0
}

// NewLayer returns a layer of the same form as those of m, with parameters of its own, whose names begin with m's
// name and the given one.
func (m *ReduNet) NewLayer(name string) (*layers.ReduNet, error) {
	if m.none() {
		return nil, errNone("ReduNet")
	}
	return layers.NewReduNet(layers.ReduNetConfig{
		Name: m.cfg.Name + "." + name, Dim: m.channels(), Freqs: m.freqs(), Classes: m.cfg.Classes, Rows: m.cfg.Rows,
		Eta: m.cfg.Eta, Lambda: m.cfg.Lambda, Hard: m.cfg.Hard, Dtype: m.cfg.Dtype, Seed: m.cfg.Seed,
		Weight: m.cfg.Weight,
	})
}

// FeatureShape returns the shape of a batch of n samples between layers: n×d, or
// f×n×2C of spectra.
func (m *ReduNet) FeatureShape(n int) []int {
	if m.none() {
		return nil
	}
	if f := m.freqs(); f > 0 {
		return []int{f, n, 2 * m.channels()}
	}
	return []int{n, m.channels()}
}

// none reports whether m was not made by NewReduNet.
func (m *ReduNet) none() bool { return m == nil || len(m.cfg.Shape) == 0 }

// Config returns the configuration.
func (m *ReduNet) Config() ReduNetConfig {
	if m == nil {
		return ReduNetConfig{}
	}
	return m.cfg
}

// Layers returns the layers, the first first.
func (m *ReduNet) Layers() []*layers.ReduNet {
	if m == nil {
		return nil
	}
	return m.layers
}

// Truncate drops the layers from n on.
func (m *ReduNet) Truncate(n int) error {
	if m.none() {
		return errNone("ReduNet")
	}
	if n < 1 || n > len(m.layers) {
		return errors.Errorf("models: ReduNet %q: truncate to %d layers of %d", m.cfg.Name, n, len(m.layers))
	}
	m.layers, m.cfg.Layers = m.layers[:n:n], n
	return nil
}

// Enter adds to the graph what comes before the first layer, and returns z₀.
func (m *ReduNet) Enter(g *nn.Graph, x *gorgonia.Node) (z *gorgonia.Node, err error) {
	if m == nil || len(m.cfg.Shape) == 0 {
		return nil, errNone("ReduNet")
	}
	defer build.Catch(&err, "models: ReduNet %q", m.cfg.Name)
	if build.Rank(x) < 2 {
		return nil, errors.Wrap(nn.ErrInput, "no batch of samples")
	}
	if m.freqs() == 0 {
		flat := build.Must(nn.Flatten(x))
		if d := flat.Shape()[1]; d != m.cfg.Shape[0] {
			return nil, errors.Wrapf(nn.ErrInput, "samples are %v, %d numbers, but the network was made for %d",
				x.Shape()[1:], d, m.cfg.Shape[0])
		}
		return build.Must(nn.Normalize(flat)), nil
	}
	if !slices.Equal(x.Shape()[1:], m.cfg.Shape) {
		return nil, errors.Wrapf(nn.ErrInput, "samples are %v, but the network was made for %v", x.Shape()[1:],
			m.cfg.Shape)
	}
	if m.lift != nil {
		x = build.Must(m.lift.Forward(g, x))
	}
	return build.Must(spectral.Normalize(build.Must(spectral.Transform(x)))), nil
}

// Leave adds to the graph what comes after the last layer, and returns the features of z, n×d.
func (m *ReduNet) Leave(z *gorgonia.Node) (out *gorgonia.Node, err error) {
	if m == nil || len(m.cfg.Shape) == 0 {
		return nil, errNone("ReduNet")
	}
	defer build.Catch(&err, "models: ReduNet %q", m.cfg.Name)
	if build.Rank(z) < 0 {
		return nil, errors.Wrap(nn.ErrInput, "no features")
	}
	if m.freqs() == 0 {
		return z, nil
	}
	return build.Must(nn.Flatten(build.Must(spectral.Inverse(z, m.cfg.Shape[1:]...)))), nil
}

// Forward implements layers.Layer: the features.
func (m *ReduNet) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	z, _, err := m.Classify(g, x)
	return z, err
}

// Classify is Forward, and returns also the memberships that the last layer
// estimates (n×k): the class of a sample is the largest.
func (m *ReduNet) Classify(g *nn.Graph, x *gorgonia.Node) (z, pi *gorgonia.Node, err error) {
	if m.none() {
		return nil, nil, errNone("ReduNet")
	}
	if z, err = m.Enter(g, x); err != nil {
		return nil, nil, err
	}
	for _, l := range m.layers {
		if z, pi, err = l.Classify(g, z, nil); err != nil {
			return nil, nil, errors.WithMessagef(err, "models: ReduNet %q", m.cfg.Name)
		}
	}
	z, err = m.Leave(z)
	return z, pi, err
}

// Params implements layers.Layer: the filters', then the layers'.
func (m *ReduNet) Params() []*nn.Param {
	if m.none() {
		return nil
	}
	var ps []*nn.Param
	if m.lift != nil {
		ps = m.lift.Params()
	}
	for _, l := range m.layers {
		ps = append(ps, l.Params()...)
	}
	return ps
}
