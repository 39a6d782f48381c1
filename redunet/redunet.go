// Package redunet constructs ReduNets: networks whose parameters come from the
// rates of labelled data, layer by layer, without back-propagation.
//
// Layer ℓ takes one step of gradient ascent on the rate reduction ΔR of the
// features that the layers before it make of the training samples:
//
//	E  = α  (I + α  Σᵢ zᵢzᵢᵀ)⁻¹            α  = d/(n ε²)
//	Cⱼ = αⱼ (I + αⱼ Σ_{yᵢ=j} zᵢzᵢᵀ)⁻¹       αⱼ = d/(nⱼε²)        γⱼ = nⱼ/n
//
// so that it needs one pass over the data to sum the matrices, k+1 Cholesky
// factorisations, and one pass to move the features. The rates come out of the
// factorisations at no cost.
//
// # Memory
//
// What is kept of a pass are the Gram matrices, (k+1)d² numbers, or the samples of
// a class themselves where they are fewer than d/2: by Woodbury's identity
//
//	Cⱼ = αⱼ (I − αⱼ Zⱼᵀ (I + αⱼZⱼZⱼᵀ)⁻¹ Zⱼ)
//
// an nⱼ×nⱼ matrix is then all that has to be factored. Features are kept in memory and moved batch by batch; with
// [Config].Stream each layer computes them again from the samples, and memory is needed for one batch only.
//
// # Translation-invariant networks
//
// Where samples are signals of C channels, the same is done at each frequency of
// their Fourier transform, with C×C matrices: package internal/op/redunet says
// how. Real signals have conjugate spectra, so half of the frequencies do.
package redunet

import (
	"context"
	stderrors "errors"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/train"
)

// ErrInput reports samples, labels or settings that no network can be constructed
// from. Test for it with errors.Is.
var ErrInput = stderrors.New("redunet: bad input")

// A Config says how to construct a network.
type Config struct {
	// the network. Shape may be nil, which is a vector of all numbers of a sample, and Classes 0: the data say
	Net models.ReduNetConfig

	Eps2 float64 // ε², the distortion squared; 0 is 0.1
	// move training samples by their labels. False is by estimated memberships, as the authors do,
	// which is also what test samples get
	Labels bool
	// store every Cⱼ as a matrix, which Update needs. False is as αⱼ(I − BⱼᵀBⱼ) with nⱼ×d numbers
	// if all classes have at most d/2 samples
	Dense bool
	// E ≈ α(I − αZᵀZ) and Cⱼ alike, without an inverse; see codingrate.FirstOrderExpansion for the error
	FirstOrder bool

	// Patience ends the construction after that many layers in a row by which ΔR
	// grew less than MinGain of itself; they are dropped. 0 is never.
	Patience int
	MinGain  float64

	Batch   int  // samples that are moved at a time; 0 is at most 1000, fewer where they are large
	Stream  bool // compute the features again at each layer instead of keeping those of all samples
	Workers int  // goroutines that share the work; 0 is GOMAXPROCS. Results do not depend on it

	// Hooks see each layer as train.Loop's see a step: Event.Step is the number of layers that are made, 0 before
	// the first, Total those that are to be made, Model the *models.ReduNet, whose first Step layers stay as they
	// are, and the metrics R, Rc and delta_R are those of the features behind them. Layers that Start had made are
	// not shown. A hook that returns train.ErrStop ends the construction well, after the layers that are made.
	Hooks []train.Hook

	// Start continues an interrupted construction: the result is, to the bit, that of an uninterrupted one. Nil
	// begins at the first layer.
	Start *Start

	// Device is where Gram matrices, factors and inverses are computed and features
	// moved, from cuda.Open; nil is the host. The Bⱼ of classes with few samples are
	// computed on the host.
	Device *cuda.Device

	update bool // the layers are there, and stay
}

// A Start is what a construction of the same Config, from the same samples, had made
// when it was cut short, as a hook has seen it.
type Start struct {
	Rates []Rates                        // before each of the layers that are made
	Load  func(params []*nn.Param) error // stores the parameters of those layers, in their order
}

// Rates are those of features, in nats a sample, with the labels of the samples.
type Rates struct {
	R      float64 `json:"R"`       // to code all
	Rc     float64 `json:"Rc"`      // to code them class by class
	DeltaR float64 `json:"delta_R"` // R − Rc
}

// RatesOf returns the rates that a hook is shown.
func RatesOf(e *train.Event) (r Rates) {
	r.R, _ = e.Metric("R")
	r.Rc, _ = e.Metric("Rc")
	r.DeltaR, _ = e.Metric("delta_R")
	return r
}

// Build constructs a network from the labelled samples of set, and returns it with
// the rates of the training features: before the first layer, and after each.
//
// Errors: ErrInput for a class without samples, a sample that is 0, settings out
// of range; nn.ErrNotFinite where features became NaN or infinite; the context's,
// if it is done.
func Build(ctx context.Context, set *data.Set, cfg Config) (*models.ReduNet, []Rates, error) {
	if ctx == nil {
		return nil, nil, errors.New("redunet: build: no context")
	}
	if err := cfg.check(set); err != nil {
		return nil, nil, errors.WithMessage(err, "redunet: build")
	}
	cfg.Net.Weight = initializer.Zeros{}
	cfg.Net.Rows = nil
	if counts := set.Counts(); !cfg.Dense && !cfg.FirstOrder && len(cfg.Net.Shape) == 1 &&
		2*slices.Max(counts) <= cfg.Net.Shape[0] {
		cfg.Net.Rows = counts
	}
	net, err := models.NewReduNet(cfg.Net)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "redunet: build")
	}
	if err := cfg.Start.load(net); err != nil {
		return nil, nil, errors.WithMessage(err, "redunet: build")
	}
	rates, err := construct(ctx, set, cfg, net, 1)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "redunet: build")
	}
	return net, rates, nil
}

// load loads the layers that are made.
func (s *Start) load(net *models.ReduNet) error {
	if s == nil {
		return nil
	}
	if len(s.Rates) > len(net.Layers()) || s.Load == nil && len(s.Rates) > 0 {
		return errors.Wrapf(ErrInput, "Start has rates of %d layers, want at most %d, and a Load for them",
			len(s.Rates), len(net.Layers()))
	}
	var made []*nn.Param
	for _, l := range net.Layers()[:len(s.Rates)] {
		made = append(made, l.Params()...)
	}
	if len(made) == 0 {
		return nil
	}
	return errors.WithMessage(s.Load(made), "Start")
}

// Update moves the parameters of net towards those that other samples would give,
//
//	E ← (1 − τ) E + τ E′        Cⱼ ← (1 − τ) Cⱼ + τ C′ⱼ
//
// layer by layer, where the features that a layer is given are those of the already updated layers before it. γ stays
// where τ < 1. cfg.Net is taken from net. It returns the rates of set's features. If it fails, net is as it was.
//
// Reference: Chan et al. ReduNet. JMLR 2022, § 3.4; the authors' code.
func Update(ctx context.Context, net *models.ReduNet, set *data.Set, cfg Config, tau float64) ([]Rates, error) {
	if ctx == nil {
		return nil, errors.New("redunet: update: no context")
	}
	cfg.Net = net.Config()
	cfg.Patience, cfg.Start, cfg.update = 0, nil, true
	if err := cfg.check(set); err != nil {
		return nil, errors.WithMessage(err, "redunet: update")
	}
	if cfg.Net.Rows != nil {
		return nil, errors.Wrap(ErrInput,
			"redunet: update: the network has factors in place of its matrices: build it with Dense")
	}
	if !(tau > 0 && tau <= 1) {
		return nil, errors.Wrapf(ErrInput, "redunet: update: τ is %v, want it above 0 and at most 1", tau)
	}
	before := snapshot(net.Params())
	rates, err := construct(ctx, set, cfg, net, tau)
	if err != nil {
		restore(net.Params(), before)
	}
	return rates, errors.WithMessage(err, "redunet: update")
}

// check fills in what the data say and reports settings out of range.
func (c *Config) check(set *data.Set) error {
	if set == nil || set.Classes() == 0 {
		return errors.Wrap(ErrInput, "no samples with classes")
	}
	if c.Net.Classes == 0 {
		c.Net.Classes = set.Classes()
	}
	if c.Eps2 == 0 {
		c.Eps2 = 0.1
	}
	if c.Net.Dtype == (tensor.Dtype{}) {
		c.Net.Dtype = tensor.Float32
	}
	switch {
	case !(c.Eps2 > 0 && c.Eps2 < 1e300):
		return errors.Wrapf(ErrInput, "ε² is %v, want it above 0", c.Eps2)
	case c.Batch < 0 || c.Patience < 0 || c.Workers < 0:
		return errors.Wrapf(ErrInput, "Batch %d, Patience %d and Workers %d, want them at least 0", c.Batch, c.Patience,
			c.Workers)
	case c.MinGain-c.MinGain != 0:
		return errors.Wrapf(ErrInput, "MinGain is %v", c.MinGain)
	case train.Hooks(c.Hooks).Check() != nil:
		return errors.Wrap(ErrInput, train.Hooks(c.Hooks).Check().Error())
	case c.Net.Classes != set.Classes():
		return errors.Wrapf(ErrInput, "a network of %d classes, but the labels are of %d", c.Net.Classes, set.Classes())
	}
	for j, n := range set.Counts() {
		if n == 0 {
			return errors.Wrapf(ErrInput, "class %d of %d has no samples: leave it out, or number the classes anew", j,
				set.Classes())
		}
	}
	if err := c.shape(set); err != nil {
		return err
	}
	return c.distortion(set.Counts())
}

// distortion reports an ε² that is so small that I + αZᵀZ equals αZᵀZ in float64 (for features on the sphere, αZᵀZ
// has the trace αn): without the identity the inverse is undetermined, and the maps of float32 features overflow.
func (c *Config) distortion(counts []int) error {
	const most = 1 << 52
	d := c.Net.Shape[0]
	if len(c.Net.Shape) > 1 {
		d = max(d, c.Net.Channels)
	}
	for j, n := range counts {
		if alpha := float64(d) / (float64(n) * c.Eps2); !(alpha <= most) {
			return errors.Wrapf(ErrInput, "ε² = %v makes α = d/(n ε²) %.3g for the %d samples of class %d in %d "+
				"dimensions: above %.3g the identity in I + αZᵀZ is lost to rounding; take a larger Eps2", c.Eps2,
				alpha, n, j, d, float64(most))
		}
	}
	return nil
}

// shape fills in the shape of samples, or compares it to the set's.
func (c *Config) shape(set *data.Set) error {
	d := 1
	for _, s := range set.Shape() {
		d *= s
	}
	if c.Net.Shape == nil {
		c.Net.Shape = []int{d}
	}
	if fits := slices.Equal(c.Net.Shape, []int{d}) || slices.Equal(c.Net.Shape, set.Shape()); !fits {
		return errors.Wrapf(ErrInput, "samples are %v, but the network is for %v", set.Shape(), c.Net.Shape)
	}
	return nil
}

// batch returns how many samples are moved at a time: at most 2²⁴ numbers of maps,
// with numbers of features each.
func (c *Config) batch(n, numbers int) int {
	b := c.Batch
	if b == 0 {
		b = min(1000, max(1, 1<<24/((c.Net.Classes+1)*numbers)))
	}
	return min(b, n)
}

func snapshot(params []*nn.Param) []*tensor.Dense {
	values := make([]*tensor.Dense, len(params))
	for i, p := range params {
		values[i] = p.Value.Clone().(*tensor.Dense)
	}
	return values
}

func restore(params []*nn.Param, values []*tensor.Dense) {
	for i, p := range params {
		dense.Copy(p.Value, values[i])
	}
}
