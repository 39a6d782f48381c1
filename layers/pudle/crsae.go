package pudle

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// CRsAEConfig configures a CRsAE. Its zero value, but for the Name and L, is that of the
// authors' images.
type CRsAEConfig struct {
	Name        string         // of the network; its parameter is Name.H
	In          int            // channels of the images; 0 is 1
	Filters     int            // channels of the code; 0 is 64
	Kernel      int            // rows and columns of a filter; 0 is 7
	Stride      int            // 0 is 5
	Layers      int            // T; 0 is 30
	L           float64        // one over the step: at least ‖H‖². See csc.SquaredNorm
	Lambda      float64        // λ₀; 0 is 0.1
	LearnLambda bool           // learn λ of each filter, Name.relu.lam, which is λ₀ at first. Needs Sigma
	Sigma       float64        // σ of the noise: with LearnLambda the threshold is λσ²/L
	Delta       float64        // δ of the prior of λ; 0 is 100
	TwoSided    bool           // threshold codes of either sign; else they are not negative
	Dtype       tensor.Dtype   // zero is float32
	Seed        uint64         // of the initial values
	Weight      nn.Initializer // nil is N(0, 1), of unit norm
}

// CRsAE is the constrained recurrent sparse autoencoder: FISTA unrolled, whose dictionary of
// filters H is that of the decoder as well, on all shifts of an image.
//
//	zₜ₊₁ = P(yₜ + Hᵀ(x − H yₜ)/L)        yₜ₊₁ = zₜ₊₁ + (sₜ − 1)/sₜ₊₁ · (zₜ₊₁ − zₜ)        x̂ = H z_T
//
// with s₁ = 1, sₜ₊₁ = (1 + √(1 + 4sₜ²))/2, and the threshold λ₀/L, or λσ²/L of each filter.
//
// Shapes: x n×In×h×w, H Filters×In×Kernel×Kernel, λ 1×Filters×1×1, z n·S²×Filters×oh×ow.
// Parameters: Name.H; Name.relu.lam with LearnLambda, exempt from weight decay.
//
// **One step of:** FISTA on ½‖x − Hz‖² + λ‖z‖₁, exactly; for z ≥ 0 unless TwoSided.
//
// Reference: Tolooshams, Dey, Ba, as in the package; the constants from the authors' code.
type CRsAE struct {
	cfg       CRsAEConfig
	h, lambda *nn.Param
}

var _ layers.Layer = (*CRsAE)(nil)

// NewCRsAE returns a network with initial values drawn from cfg.Seed.
func NewCRsAE(cfg CRsAEConfig) (_ *CRsAE, err error) {
	defer build.Catch(&err, "pudle: CRsAE %q", cfg.Name)
	cfg.In, cfg.Filters, cfg.Kernel = cmp.Or(cfg.In, 1), cmp.Or(cfg.Filters, 64), cmp.Or(cfg.Kernel, 7)
	cfg.Stride, cfg.Layers = cmp.Or(cfg.Stride, 5), cmp.Or(cfg.Layers, 30)
	cfg.Lambda, cfg.Delta = cmp.Or(cfg.Lambda, 0.1), cmp.Or(cfg.Delta, 100)
	build.Check(checkImages(cfg.Name, cfg.In, cfg.Filters, cfg.Kernel, cfg.Stride, cfg.Layers))
	switch {
	case !above0(cfg.L) || !above0(cfg.Lambda) || !above0(cfg.Delta):
		return nil, errors.Errorf("L %v, Lambda %v, Delta %v, want them above 0", cfg.L, cfg.Lambda, cfg.Delta)
	case cfg.LearnLambda && !above0(cfg.Sigma):
		return nil, errors.Errorf("LearnLambda with a Sigma of %v, want that of the noise, above 0", cfg.Sigma)
	}
	n := &CRsAE{cfg: cfg}
	n.h = build.Must(filters(cfg.Name+".H", cfg.Dtype, cfg.Seed, cfg.Weight, cfg.Filters, cfg.In, cfg.Kernel))
	if cfg.Weight == nil {
		build.Check(n.Normalize())
	}
	n.lambda = build.Must(initializer.NewParam(cfg.Name+".relu.lam", cfg.Dtype, 0,
		initializer.Constant{Value: cfg.Lambda}, 1, cfg.Filters, 1, 1))
	n.lambda.NoDecay = true
	return n, nil
}

// Normalize divides every filter by its norm: call it after every step. Errors: ErrInput for
// a filter of 0.
func (n *CRsAE) Normalize() error {
	if n == nil || n.h == nil {
		return errors.New("pudle: Normalize: not a network of NewCRsAE")
	}
	return errors.WithMessagef(normalize(n.h, 0, 1), "pudle: CRsAE %q", n.cfg.Name)
}

// Shifts returns how the network moves the images.
func (n *CRsAE) Shifts() csc.Shifts {
	if n == nil {
		return csc.Shifts{}
	}
	return csc.Shifts{Kernel: n.cfg.Kernel, Stride: n.cfg.Stride}
}

// Codes returns z₁, …, z_T of all shifts of the images x.
func (n *CRsAE) Codes(g *nn.Graph, x *gorgonia.Node) (zs gorgonia.Nodes, err error) {
	if n == nil || n.h == nil {
		return nil, errors.New("pudle: CRsAE: not made by NewCRsAE")
	}
	defer build.Catch(&err, "pudle: CRsAE %q", n.cfg.Name)
	return n.codes(g, x), nil
}

func (n *CRsAE) codes(g *nn.Graph, x *gorgonia.Node) (zs gorgonia.Nodes) {
	x = shifted(n.Shifts(), x, n.cfg.In)
	h := build.Must(g.Bind(n.h))
	scale := 1 / n.cfg.L
	if n.cfg.LearnLambda {
		scale *= n.cfg.Sigma * n.cfg.Sigma
	}
	theta := build.Must(nn.Scale(build.Must(g.Bind(n.lambda)), scale))
	var z, y *gorgonia.Node
	s := 1.0
	for range n.cfg.Layers {
		v := x
		if y != nil {
			v = build.Must(nn.Sub(x, build.Must(conv.ConvTranspose2DTo(y, h, n.Shifts().Geometry(), x.Shape()[2],
				x.Shape()[3]))))
		}
		u := build.Must(nn.Scale(build.Must(conv.Conv2D(v, h, nil, n.Shifts().Geometry())), 1/n.cfg.L))
		if y != nil {
			u = build.Must(nn.Add(y, u))
		}
		before := z
		z = threshold(u, theta, n.cfg.TwoSided)
		zs = append(zs, z)
		next := (1 + math.Sqrt(1+4*s*s)) / 2
		y = z
		if s > 1 {
			y = build.Must(nn.Add(z, build.Must(nn.Scale(build.Must(nn.Sub(z, before)), (s-1)/next))))
		}
		s = next
	}
	return zs
}

// Forward implements layers.Layer: x̂.
func (n *CRsAE) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if n == nil || n.h == nil {
		return nil, errors.New("pudle: CRsAE: not made by NewCRsAE")
	}
	defer build.Catch(&err, "pudle: CRsAE %q", n.cfg.Name)
	zs := n.codes(g, x)
	y = build.Must(conv.ConvTranspose2D(zs[len(zs)-1], build.Must(g.Bind(n.h)), nil, n.Shifts().Geometry(), [2]int{}))
	return build.Must(n.Shifts().Mean(y, x.Shape()[2], x.Shape()[3])), nil
}

// LambdaLoss returns the negative logarithm of what is known of λ, given the codes z of
// images, with N numbers of each filter in the code of one shift,
//
//	mean over the shifts of Σ λ|z|  +  δ Σ λ − (N + δλ₀ − 1) Σ log λ,
//
// whose minimum by λ is what the codes of the images say, drawn to λ₀. Shapes: z as the
// last of Codes; out a scalar.
func (n *CRsAE) LambdaLoss(g *nn.Graph, z *gorgonia.Node) (loss *gorgonia.Node, err error) {
	if n == nil || n.h == nil {
		return nil, errors.New("pudle: CRsAE: not made by NewCRsAE")
	}
	defer build.Catch(&err, "pudle: CRsAE %q", n.cfg.Name)
	if build.Rank(z) != 4 || z.Shape()[1] != n.cfg.Filters {
		return nil, errors.Wrapf(nn.ErrInput, "want codes n×%d×h×w", n.cfg.Filters)
	}
	lambda := build.Must(g.Bind(n.lambda))
	weighted := build.Must(nn.SumMagnitudes(build.Must(nn.Mul(z, lambda))))
	size := float64(z.Shape()[2] * z.Shape()[3])
	prior := build.Must(nn.Scale(build.Must(nn.Sum(lambda)), n.cfg.Delta))
	logs := build.Must(nn.Scale(build.Must(nn.Sum(build.Must(nn.Log(lambda)))), -(size + n.cfg.Delta*n.cfg.Lambda - 1)))
	loss = build.Must(nn.Scale(weighted, 1/float64(z.Shape()[0])))
	return build.Must(nn.Add(loss, build.Must(nn.Add(prior, logs)))), nil
}

// Params implements layers.Layer.
func (n *CRsAE) Params() []*nn.Param {
	switch {
	case n == nil || n.h == nil:
		return nil
	case n.cfg.LearnLambda:
		return []*nn.Param{n.h, n.lambda}
	}
	return []*nn.Param{n.h}
}

// Config returns the settings of the network.
func (n *CRsAE) Config() CRsAEConfig {
	if n == nil {
		return CRsAEConfig{}
	}
	return n.cfg
}
