// Package pudle has the networks that learn a dictionary: unrolled sparse coding, whose
// decoder has the dictionary of the encoder.
//
//	z₀ = 0        zₜ₊₁ = P(zₜ − α Wᵀ(W zₜ − x))        x̂ = W z_T
//
// P is a threshold. Where T grows, z_T is the LASSO code ẑ of x with the dictionary W, and
// three estimators of the gradient of the dictionary agree; at a finite T they do not, and
// Estimator says which is taken.
//
// References: Tolooshams, Ba. Stable and interpretable unrolled dictionary learning. TMLR
// 2022. Tolooshams, Dey, Ba. Deep residual autoencoders for expectation
// maximization-inspired dictionary learning. TNNLS 2021.
package pudle

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/nn/prox"
)

// An Estimator is what is differentiated to get the gradient of a dictionary W, with the
// code z_T of a sample.
type Estimator int

// The estimators, by the names of the paper. ½‖x − W z‖² is the least-squares loss, and with
// λ‖z‖₁ it is the LASSO loss.
const (
	Decoder Estimator = iota // g_dec: the LASSO loss, where z_T is a constant: alternating minimisation
	AELasso                  // g_ae-lasso: the LASSO loss, through all layers
	AELS                     // g_ae-ls: the least-squares loss, through all layers
)

// String names the estimator as the paper does.
func (e Estimator) String() string {
	switch e {
	case Decoder:
		return "dec"
	case AELasso:
		return "ae-lasso"
	case AELS:
		return "ae-ls"
	}
	return "unknown"
}

// Config configures a Network. Its zero value, but for the Name and sizes, is the network of
// the paper's simulations.
type Config struct {
	Name     string  // of the network; its parameter is Name.W
	In       int     // m, numbers of a sample; at least 1
	Atoms    int     // p, numbers of a code; at least 1
	Layers   int     // T; 0 is 100
	Step     float64 // α; 0 is 0.2
	Lambda   float64 // λ; 0 is 0.2
	TwoSided bool    // threshold codes of either sign; else they are not negative

	// Of the thresholds there are four kinds; the last three exclude each other.
	Decay     float64 // β in (0, 1]: the threshold of layer t, from 0, is αλβᵗ; 0 is 1. See SetDecay
	Hard      float64 // above 0: keep what is larger than this, as it is, instead. TwoSided only
	LearnBias bool    // learn one threshold for all layers, Name.b, which is αλ at first

	LossLambda float64        // λ of the LASSO loss; 0 is Lambda
	Dtype      tensor.Dtype   // zero is float32
	Seed       uint64         // of the initial values
	Weight     nn.Initializer // nil is N(0, 1/m), with columns of unit norm
}

// Network codes samples and decodes them, with one dictionary: see the package.
//
// Shapes: x n×m, z n×p, W m×p. Parameters: Name.W, and with LearnBias Name.b, a number that
// is exempt from weight decay.
//
// **One step of:** ISTA with the step α on ½‖x − Wz‖² + λ‖z‖₁, exactly, for z ≥ 0 unless
// TwoSided. With Decay it is ISTA on a path of falling λ, and with Hard iterative hard
// thresholding.
type Network struct {
	cfg        Config
	w, b       *nn.Param
	thresholds *nn.Param // αλβᵗ of each layer: a constant, bound but not listed
}

var _ layers.Layer = (*Network)(nil)

// New returns a network with initial values drawn from cfg.Seed.
func New(cfg Config) (_ *Network, err error) {
	defer build.Catch(&err, "pudle: %q", cfg.Name)
	cfg.Layers, cfg.Step, cfg.Lambda = cmp.Or(cfg.Layers, 100), cmp.Or(cfg.Step, 0.2), cmp.Or(cfg.Lambda, 0.2)
	cfg.Decay, cfg.LossLambda = cmp.Or(cfg.Decay, 1), cmp.Or(cfg.LossLambda, cfg.Lambda)
	build.Check(cfg.check())
	n := &Network{cfg: cfg}
	init := cfg.Weight
	if init == nil {
		init = initializer.Normal{Std: 1 / math.Sqrt(float64(cfg.In))}
	}
	n.w = build.Must(initializer.NewParam(cfg.Name+".W", cfg.Dtype, cfg.Seed, init, cfg.In, cfg.Atoms))
	if cfg.Weight == nil {
		build.Check(n.Normalize())
	}
	if cfg.LearnBias {
		first := initializer.Constant{Value: cfg.Step * cfg.Lambda}
		n.b = build.Must(initializer.NewParam(cfg.Name+".b", cfg.Dtype, 0, first, 1))
		n.b.NoDecay = true
		return n, nil
	}
	n.thresholds = build.Must(initializer.NewParam(cfg.Name+".thresholds", cfg.Dtype, 0, initializer.Zeros{},
		cfg.Layers))
	build.Check(n.SetDecay(cfg.Decay))
	return n, nil
}

func (c Config) check() error {
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
	kinds := 0
	for _, set := range []bool{c.Decay != 1, c.Hard != 0, c.LearnBias} {
		if set {
			kinds++
		}
	}
	switch {
	case c.Name == "":
		return errors.New("no Name, which the names of its parameters begin with")
	case c.In < 1 || c.Atoms < 1:
		return errors.Errorf("%d Atoms for samples of %d, want at least 1 each", c.Atoms, c.In)
	case c.Layers < 1 || c.Layers > sizes.MostLayers:
		return errors.Errorf("%d Layers, want 1 to %d", c.Layers, sizes.MostLayers)
	case !positive(c.Step) || !positive(c.Lambda) || !positive(c.LossLambda):
		return errors.Errorf("Step %v, Lambda %v, LossLambda %v, want them above 0", c.Step, c.Lambda, c.LossLambda)
	case !(c.Decay > 0 && c.Decay <= 1):
		return errors.Errorf("a Decay of %v, want it above 0 and at most 1", c.Decay)
	case kinds > 1:
		return errors.Errorf("Decay %v, Hard %v and LearnBias %v, want at most one of them", c.Decay, c.Hard,
			c.LearnBias)
	case c.Hard < 0 || c.Hard > 0 && !c.TwoSided || math.IsInf(c.Hard, 1) || math.IsNaN(c.Hard):
		return errors.Errorf("Hard is %v and TwoSided %v, want a finite threshold, 0 or above, and both", c.Hard,
			c.TwoSided)
	}
	return sizes.Check("the dictionary", c.In, c.Atoms)
}

// SetDecay changes β: the paper's training begins with 1, and takes off 0.005 after every
// 100 steps. Errors: a β out of range; a network without such thresholds.
func (n *Network) SetDecay(beta float64) error {
	if n == nil || n.thresholds == nil {
		return errors.New("pudle: SetDecay: not a network of New with thresholds that decay")
	}
	if !(beta > 0 && beta <= 1) {
		return errors.Errorf("pudle: %q: a Decay of %v, want it above 0 and at most 1", n.cfg.Name, beta)
	}
	n.cfg.Decay = beta
	v := make([]float64, n.cfg.Layers)
	for t := range v {
		v[t] = n.cfg.Step * n.cfg.Lambda * math.Pow(beta, float64(t))
	}
	if n.cfg.Hard > 0 {
		for t := range v {
			v[t] = n.cfg.Hard
		}
	}
	if err := nn.SetFloats(n.thresholds.Value, v); err != nil {
		return errors.WithMessagef(err, "pudle: %q", n.cfg.Name)
	}
	nn.Changed([]*nn.Param{n.thresholds})
	return nil
}

// Normalize divides every atom, a column of W, by its norm, which learning leaves: call it
// after every step. Errors: ErrInput for an atom of 0.
func (n *Network) Normalize() error {
	if n == nil || n.w == nil {
		return errors.New("pudle: Normalize: not a network of New")
	}
	return errors.WithMessagef(normalize(n.w, n.cfg.Atoms, 1), "pudle: %q", n.cfg.Name)
}

// Codes returns z₁, …, z_T of the samples x.
func (n *Network) Codes(g *nn.Graph, x *gorgonia.Node) (zs gorgonia.Nodes, err error) {
	if n == nil || n.w == nil {
		return nil, errors.New("pudle: not a network of New")
	}
	defer build.Catch(&err, "pudle: %q", n.cfg.Name)
	return n.codes(g, x), nil
}

func (n *Network) codes(g *nn.Graph, x *gorgonia.Node) (zs gorgonia.Nodes) {
	if build.Rank(x) != 2 || x.Shape()[1] != n.cfg.In {
		build.Check(errors.Wrapf(nn.ErrInput, "want samples n×%d", n.cfg.In))
	}
	w := build.Must(g.Bind(n.w))
	turned := build.Must(nn.Transpose(w, 1, 0))
	var z, all *gorgonia.Node
	if n.thresholds != nil {
		all = build.Must(g.Bind(n.thresholds))
	} else {
		all = build.Must(g.Bind(n.b))
	}
	for t := range n.cfg.Layers {
		theta := all
		if n.thresholds != nil {
			theta = build.Must(nn.Slice(all, 0, t, t+1))
		}
		if z == nil {
			z = build.Must(nn.Scale(build.Must(nn.Linear(x, turned, nil)), n.cfg.Step))
		} else {
			r := build.Must(nn.AddLinear(x, z, w, -1))
			z = build.Must(nn.AddLinear(z, r, turned, n.cfg.Step))
		}
		z = n.threshold(z, theta)
		zs = append(zs, z)
	}
	return zs
}

func (n *Network) threshold(z, theta *gorgonia.Node) *gorgonia.Node {
	switch {
	case n.cfg.Hard > 0:
		return build.Must(prox.Hard(z, theta, 0))
	case n.cfg.TwoSided:
		return build.Must(nn.SoftThreshold(z, theta))
	}
	return build.Must(nn.ReLU(build.Must(nn.Sub(z, theta))))
}

// Forward implements layers.Layer: x̂ = W z_T.
func (n *Network) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if n == nil || n.w == nil {
		return nil, errors.New("pudle: not a network of New")
	}
	defer build.Catch(&err, "pudle: %q", n.cfg.Name)
	zs := n.codes(g, x)
	return build.Must(nn.Linear(zs[len(zs)-1], build.Must(g.Bind(n.w)), nil)), nil
}

// Loss returns what is minimised, for the estimator: the mean over the samples x of
//
//	½‖x − W z_T‖², with λ‖z_T‖₁ added unless e is AELS.
func (n *Network) Loss(g *nn.Graph, x *gorgonia.Node, e Estimator) (loss *gorgonia.Node, err error) {
	if n == nil || n.w == nil {
		return nil, errors.New("pudle: not a network of New")
	}
	defer build.Catch(&err, "pudle: %q", n.cfg.Name)
	if e < Decoder || e > AELS {
		return nil, errors.Errorf("estimator %d, want Decoder, AELasso or AELS", int(e))
	}
	zs := n.codes(g, x)
	z := zs[len(zs)-1]
	if e == Decoder {
		z = build.Must(nn.Detach(z))
	}
	y := build.Must(nn.Linear(z, build.Must(g.Bind(n.w)), nil))
	samples := float64(x.Shape()[0])
	loss = build.Must(nn.Scale(build.Must(nn.SquaredDistance(x, y)), 0.5/samples))
	if e == AELS {
		return loss, nil
	}
	l1 := build.Must(nn.Scale(build.Must(nn.SumMagnitudes(z)), n.cfg.LossLambda/samples))
	return build.Must(nn.Add(loss, l1)), nil
}

// Params implements layers.Layer.
func (n *Network) Params() []*nn.Param {
	switch {
	case n == nil || n.w == nil:
		return nil
	case n.b == nil:
		return []*nn.Param{n.w}
	}
	return []*nn.Param{n.w, n.b}
}

// Config returns the settings of the network.
func (n *Network) Config() Config {
	if n == nil {
		return Config{}
	}
	return n.cfg
}
