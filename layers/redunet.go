package layers

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/nn/ratereduction"
	"github.com/whitebox-nn/whitebox/nn/spectral"
)

// ReduNetConfig configures a ReduNet layer.
type ReduNetConfig struct {
	Name    string       // of the layer; its parameters are Name.e, Name.c and Name.gamma
	Dim     int          // d, the features of a sample; at least 1. With Freqs, the channels C
	Freqs   int          // f, the frequencies of a translation-invariant layer; 0 is a layer on vectors
	Classes int          // k; at least 1
	Eta     float64      // η, the step; 0 is 0.5
	Lambda  float64      // λ of the estimated membership; 0 is 500
	Rows    []int        // of each Bⱼ, for a layer on vectors with Cⱼ = αⱼ(I − BⱼᵀBⱼ); nil is for any Cⱼ
	Hard    bool         // put each sample in its likeliest class alone: λ = ∞
	Dtype   tensor.Dtype // zero is float32
	Seed    uint64       // of the initial values; see nn.Rand

	Weight nn.Initializer // of E and C; nil is initializer.Glorot. Package redunet computes them from data instead
}

// ReduNet is one layer of a ReduNet:
//
//	πᵢⱼ = softmaxⱼ(−λ ‖Cⱼzᵢ‖₂)        zᵢ ← zᵢ + η (E zᵢ − Σⱼ γⱼπᵢⱼ Cⱼ zᵢ),  then onto the unit sphere
//
// Shapes: z n×d, E d×d, C k×d×d, γ k; out n×d. A translation-invariant layer takes
// the spectrum of spectral.Transform, f×n×2C, and has a complex E and Cⱼ at each
// frequency: E f×2×C×C, C k×f×2×C×C, real parts first. Parameters: Name.e, Name.c
// and Name.gamma, which is exempt from weight decay and starts as 1/k; with Rows,
// Name.b (Σ rows × d) and Name.alpha (k) instead of Name.c.
//
// **One step of:** projected gradient ascent on ΔR: with E, C and γ of the rates of
// z itself and the labels for Π, out = P(z + η ∂ΔR/∂z)
// (TestALayerIsAStepOfGradientAscent).
//
// Reference: Chan, Yu, You, Qi, Wright, Ma. ReduNet: a white-box deep network from
// the principle of maximizing rate reduction. JMLR 2022, eq. 17–19.
type ReduNet struct {
	cfg         ReduNetConfig
	e, c, gamma *nn.Param
	b, alpha    *nn.Param // instead of c, with Rows
}

var _ Layer = (*ReduNet)(nil)

// NewReduNet returns a layer with initial values drawn from cfg.Seed.
func NewReduNet(cfg ReduNetConfig) (*ReduNet, error) {
	if cfg.Name == "" {
		return nil, errors.New("layers: ReduNet: no Name, which the names of its parameters begin with")
	}
	if cfg.Dim < 1 || cfg.Classes < 1 || cfg.Freqs < 0 {
		return nil, errors.Errorf(
			"layers: ReduNet %q: %d features, %d classes and %d frequencies, want at least 1, 1 and 0", cfg.Name,
			cfg.Dim, cfg.Classes, cfg.Freqs)
	}
	if cfg.Eta == 0 {
		cfg.Eta = 0.5
	}
	if cfg.Lambda == 0 {
		cfg.Lambda = 500
	}
	if cfg.Weight == nil {
		cfg.Weight = initializer.Glorot{}
	}
	cfg.Rows = slices.Clone(cfg.Rows)
	l := &ReduNet{cfg: cfg}
	if err := l.makeParams(); err != nil {
		return nil, errors.WithMessagef(err, "layers: ReduNet %q", cfg.Name)
	}
	return l, nil
}

// makeParams makes the parameters that the shape asks for.
func (l *ReduNet) makeParams() (err error) {
	c := l.cfg
	share := initializer.Constant{Value: 1 / float64(c.Classes)}
	if l.gamma, err = newParam(c.Name+".gamma", c.Dtype, c.Seed, share, c.Classes); err != nil {
		return err
	}
	l.gamma.NoDecay = true
	e, each := []int{c.Dim, c.Dim}, []int{c.Classes, c.Dim, c.Dim}
	if c.Freqs > 0 {
		e, each = []int{c.Freqs, 2, c.Dim, c.Dim}, []int{c.Classes, c.Freqs, 2, c.Dim, c.Dim}
	}
	if l.e, err = newParam(c.Name+".e", c.Dtype, c.Seed, c.Weight, e...); err != nil {
		return err
	}
	if c.Rows == nil {
		l.c, err = newParam(c.Name+".c", c.Dtype, c.Seed, c.Weight, each...)
		return err
	}
	if c.Freqs > 0 || len(c.Rows) != c.Classes || slices.Min(c.Rows) < 1 {
		return errors.Errorf(
			"Rows are %v for %d classes and %d frequencies, want at least 1 for each class, and vectors", c.Rows,
			c.Classes, c.Freqs)
	}
	rows := 0
	for _, r := range c.Rows {
		rows += r
	}
	if l.b, err = newParam(c.Name+".b", c.Dtype, c.Seed, c.Weight, rows, c.Dim); err != nil {
		return err
	}
	l.alpha, err = newParam(c.Name+".alpha", c.Dtype, c.Seed, initializer.Ones{}, c.Classes)
	return err
}

// Params implements Layer: E, C and γ, or E, B, α and γ.
func (l *ReduNet) Params() []*nn.Param {
	if l == nil || l.e == nil {
		return nil
	}
	if l.b != nil {
		return []*nn.Param{l.e, l.b, l.alpha, l.gamma}
	}
	return []*nn.Param{l.e, l.c, l.gamma}
}

// Forward implements Layer.
func (l *ReduNet) Forward(g *nn.Graph, z *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.e == nil {
		return nil, notMade("ReduNet")
	}
	out, _, err := l.Classify(g, z, nil)
	return out, err
}

// fewFeatures is the features of vectors below which a layer is faster map by map.
const fewFeatures = 48

// Move is Forward as a single op without a gradient, where there is such an op for the layer's form. It is for
// features through which nothing is trained.
func (l *ReduNet) Move(g *nn.Graph, z *gorgonia.Node) (out *gorgonia.Node, err error) {
	if l == nil || l.e == nil {
		return nil, notMade("ReduNet")
	}
	defer build.Catch(&err, "layers: ReduNet %q", l.cfg.Name)
	if l.c == nil || l.cfg.Hard || l.cfg.Freqs == 0 && l.cfg.Dim < fewFeatures {
		return l.Forward(g, z)
	}
	return ratereduction.Move(z, build.Must(g.Bind(l.e)), build.Must(g.Bind(l.c)), build.Must(g.Bind(l.gamma)),
		l.cfg.Eta, l.cfg.Lambda)
}

// Classify is Forward, and returns also the memberships Π (n×k) that the layer used: those given, such as labels one
// of k, or if pi is nil those that it estimates, the largest of which in a row is the class that the layer assigns to
// the sample.
func (l *ReduNet) Classify(g *nn.Graph, z, pi *gorgonia.Node) (out, used *gorgonia.Node, err error) {
	if l == nil || l.e == nil {
		return nil, nil, notMade("ReduNet")
	}
	defer build.Catch(&err, "layers: ReduNet %q", l.cfg.Name)
	u := build.Must(l.maps(g, z))
	gamma := build.Must(g.Bind(l.gamma))
	switch {
	case pi != nil:
	case l.cfg.Hard:
		pi = build.Must(ratereduction.HardMembership(u))
	default:
		pi = build.Must(ratereduction.Membership(u, l.cfg.Lambda))
	}
	out = build.Must(ratereduction.Step(z, u, pi, gamma, l.cfg.Eta))
	if l.cfg.Freqs > 0 {
		return build.Must(spectral.Normalize(out)), pi, nil
	}
	return build.Must(nn.Normalize(out)), pi, nil
}

// maps adds u.
func (l *ReduNet) maps(g *nn.Graph, z *gorgonia.Node) (u *gorgonia.Node, err error) {
	defer build.Catch(&err, "maps")
	e := build.Must(g.Bind(l.e))
	if l.b != nil {
		return ratereduction.FactoredMaps(z, e, build.Must(g.Bind(l.b)), build.Must(g.Bind(l.alpha)), l.cfg.Rows)
	}
	return ratereduction.Maps(z, e, build.Must(g.Bind(l.c)))
}
