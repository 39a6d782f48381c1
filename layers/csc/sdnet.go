package csc

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
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// CodingConfig configures a SparseCoding or a TokenCoding layer. Its zero value, but for names
// and sizes, is that of the paper's networks.
type CodingConfig struct {
	Name  string // of the layer; its parameter is Name.weight
	In    int    // channels of the input, or numbers of a token; at least 1
	Atoms int    // channels of the code; at least 1

	Kernel, Stride, Padding [2]int // of a SparseCoding; a Kernel of 0 is 3×3, a Stride of 0 is 1

	Steps  int     // codes that are computed; 0 is 2
	Lambda float64 // λ; 0 is 0.1
	Mu     float64 // μ, 0 or more
	Signed bool    // let codes be negative

	// PerNumber multiplies λ by the numbers of the input over those of the code, so that
	// layers of different size weigh sparsity alike.
	PerNumber bool

	// UnitResidual replaces the residual of a sample by half of its direction, which makes
	// the code robust: the gradient of ½‖x − Dc‖ rather than of its square.
	UnitResidual bool

	StepSize float64        // s; 0 is 0.9/‖D‖², which 30 power iterations estimate in every run
	Dtype    tensor.Dtype   // zero is float32
	Seed     uint64         // of the initial values
	Weight   nn.Initializer // nil is initializer.KaimingUniform
}

// SparseCoding is a layer whose output is a sparse code of its input, by some steps of FISTA:
//
//	c* = argmin_{c ≥ 0} ½‖x − Dc‖² + λ‖c‖₁ + μ/2 ‖c‖²
//
//	c₁   = P(s Dᵀx)
//	cₖ₊₁ = P(aₖ + s Dᵀ(x − Dcₖ)),   aₖ = cₖ + (tₖ₋₁ − 1)/tₖ · (cₖ − cₖ₋₁)
//	P(v) = max((v − λs)/(1 + μs), 0)
//
// with t₀ = 1, tₖ = (1 + √(1 + 4tₖ₋₁²))/2. D is a transposed convolution with filters of unit
// norm: the parameter is divided by its norms, which count as constants in the gradient, as
// does s. The gradient at cₖ, not at aₖ, is the authors' choice; with Steps of 2 there is no
// momentum at all.
//
// Shapes: x n×In×h×w, c n×Atoms×oh×ow, weight Atoms×In×Kernel.
//
// **One step of:** ISTA on the elastic net above, exactly, for the second code; with its own
// extrapolation for the later ones.
//
// Reference: Dai, Li, Zhai, and others. Revisiting sparse convolutional model for visual
// recognition. NeurIPS 2022; constants from the authors' code.
type SparseCoding struct{ coding }

// TokenCoding is SparseCoding with a dense dictionary, of tokens: x ≈ cW.
//
// Shapes: x n×t×In, c n×t×Atoms, weight Atoms×In. Of a TokenCoding, s is 0.9 by the largest
// eigenvalue of WWᵀ.
//
// **One step of:** as SparseCoding.
type TokenCoding struct{ coding }

// coding holds what both layers have in common.
type coding struct {
	kind   string
	cfg    CodingConfig
	weight *nn.Param
}

var (
	_ layers.Layer = (*SparseCoding)(nil)
	_ layers.Layer = (*TokenCoding)(nil)
)

// NewSparseCoding returns a layer with initial values drawn from cfg.Seed.
func NewSparseCoding(cfg CodingConfig) (_ *SparseCoding, err error) {
	defer build.Catch(&err, "csc: SparseCoding %q", cfg.Name)
	if cfg.Kernel == [2]int{} {
		cfg.Kernel = conv.Pair(3)
	}
	for j := range 2 {
		if cfg.Kernel[j] < 1 || cfg.Stride[j] < 0 || cfg.Padding[j] < 0 || cfg.Padding[j] >= cfg.Kernel[j] {
			return nil, errors.Errorf("filters of %v, Stride %v and Padding %v, want filters of at least 1×1 and less "+
				"padding than a filter has", cfg.Kernel, cfg.Stride, cfg.Padding)
		}
	}
	c := newCoding("SparseCoding", cfg)
	c.fill(cfg.Atoms, cfg.In, cfg.Kernel[0], cfg.Kernel[1])
	return &SparseCoding{c}, nil
}

// NewTokenCoding returns a layer with initial values drawn from cfg.Seed.
func NewTokenCoding(cfg CodingConfig) (_ *TokenCoding, err error) {
	defer build.Catch(&err, "csc: TokenCoding %q", cfg.Name)
	if zero := [2]int{}; cfg.Kernel != zero || cfg.Stride != zero || cfg.Padding != zero {
		return nil, errors.Errorf("Kernel %v, Stride %v and Padding %v, which are for a SparseCoding", cfg.Kernel,
			cfg.Stride, cfg.Padding)
	}
	c := newCoding("TokenCoding", cfg)
	c.fill(cfg.Atoms, cfg.In)
	return &TokenCoding{c}, nil
}

func newCoding(kind string, cfg CodingConfig) coding {
	cfg.Steps, cfg.Lambda = cmp.Or(cfg.Steps, 2), cmp.Or(cfg.Lambda, 0.1)
	if cfg.Weight == nil {
		cfg.Weight = initializer.KaimingUniform{}
	}
	build.Check(cfg.check())
	return coding{kind: kind, cfg: cfg}
}

func (c CodingConfig) check() error {
	finite := func(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }
	switch {
	case c.Name == "":
		return errors.New("no Name, which the names of its parameters begin with")
	case c.In < 1 || c.Atoms < 1:
		return errors.Errorf("%d Atoms for an input of %d, want at least 1 each", c.Atoms, c.In)
	case c.Steps < 1 || c.Steps > sizes.MostLayers:
		return errors.Errorf("%d Steps, want 1 to %d", c.Steps, sizes.MostLayers)
	case !finite(c.Lambda) || !finite(c.Mu) || !finite(c.StepSize):
		return errors.Errorf("Lambda %v, Mu %v, StepSize %v, want none below 0", c.Lambda, c.Mu, c.StepSize)
	}
	return nil
}

func (c *coding) fill(shape ...int) {
	build.Check(sizes.Check("the dictionary", shape...))
	c.weight = build.Must(initializer.NewParam(c.cfg.Name+".weight", c.cfg.Dtype, c.cfg.Seed, c.cfg.Weight, shape...))
}

// dictionary is D in a graph, and the step.
type dictionary struct {
	up, down func(v *gorgonia.Node) *gorgonia.Node // Dᵀv and Dv
	size     *gorgonia.Node                        // s, a vector of one
}

// bind returns the weight, of unit norms. An atom of 0, which has no direction, is an error of
// the run.
func (c *coding) bind(g *nn.Graph) (_ *gorgonia.Node, err error) {
	defer build.Catch(&err, "atoms of unit norm")
	w := build.Must(g.Bind(c.weight))
	shape := w.Shape().Clone()
	rows := build.Must(nn.Reshape(w, shape[0], shape[1:].TotalSize()))
	directions := build.Must(nn.Normalize(rows))
	norms := build.Must(nn.Sum(build.Must(nn.Mul(rows, directions)), 1))
	by := build.Must(nn.Reshape(build.Must(nn.Detach(norms)), shape[0], 1))
	return build.Must(nn.Reshape(build.Must(nn.Div(rows, by)), shape...)), nil
}

// code takes the steps.
func (c *coding) code(d dictionary, x *gorgonia.Node) (*gorgonia.Node, error) {
	first := d.up(x)
	lambda := c.lambda(x, first)
	z := c.threshold(build.Must(nn.MulScalar(first, d.size)), d.size, lambda)
	before, t := z, 1.0
	for range c.cfg.Steps - 1 {
		r := build.Must(nn.Sub(x, d.down(z)))
		if c.cfg.UnitResidual {
			r = c.halfUnit(r)
		}
		next := (1 + math.Sqrt(1+4*t*t)) / 2
		a := z
		if t > 1 {
			a = build.Must(nn.Add(z, build.Must(nn.Scale(build.Must(nn.Sub(z, before)), (t-1)/next))))
		}
		v := build.Must(nn.Add(a, build.Must(nn.MulScalar(d.up(r), d.size))))
		before, z, t = z, c.threshold(v, d.size, lambda), next
	}
	return z, nil
}

// lambda is λ for codes of that size.
func (c *coding) lambda(x, code *gorgonia.Node) float64 {
	if !c.cfg.PerNumber {
		return c.cfg.Lambda
	}
	return c.cfg.Lambda * float64(x.Shape().TotalSize()) / float64(code.Shape().TotalSize())
}

// threshold is P, by ReLU(v − λs) − ReLU(−v − λs), without the second where codes are not
// signed, over 1 + μs.
func (c *coding) threshold(v, s *gorgonia.Node, lambda float64) *gorgonia.Node {
	theta := build.Must(nn.Reshape(build.Must(nn.Scale(s, lambda)), ones(v.Dims())...))
	z := build.Must(nn.ReLU(build.Must(nn.Sub(v, theta))))
	if c.cfg.Signed {
		minus := build.Must(nn.Sub(build.Must(nn.Scale(v, -1)), theta))
		z = build.Must(nn.Sub(z, build.Must(nn.ReLU(minus))))
	}
	if c.cfg.Mu == 0 {
		return z
	}
	one := build.Must(nn.Div(s, s))
	by := build.Must(nn.Add(one, build.Must(nn.Scale(s, c.cfg.Mu))))
	return build.Must(nn.MulScalar(z, build.Must(nn.Pow(by, -1))))
}

// halfUnit returns half the direction of the residual of each sample, whose norm is a constant
// of the gradient.
func (c *coding) halfUnit(r *gorgonia.Node) *gorgonia.Node {
	shape := r.Shape().Clone()
	rows := build.Must(nn.Reshape(r, shape[0], shape[1:].TotalSize()))
	squares := build.Must(nn.Sum(build.Must(nn.Mul(rows, rows)), 1))
	norms := build.Must(nn.Detach(build.Must(nn.Sqrt(squares))))
	rows = build.Must(nn.Div(rows, build.Must(nn.Reshape(norms, shape[0], 1))))
	return build.Must(nn.Reshape(build.Must(nn.Scale(rows, 0.5)), shape...))
}

// losses returns ‖x − Dc‖² and λ‖c‖₁ + μ/2 ‖c‖², summed over the samples.
func (c *coding) losses(d dictionary, x, code *gorgonia.Node) (residual, penalty *gorgonia.Node) {
	residual = build.Must(nn.SquaredDistance(x, d.down(code)))
	penalty = build.Must(nn.Scale(build.Must(nn.SumMagnitudes(code)), c.lambda(x, code)))
	if c.cfg.Mu > 0 {
		ridge := build.Must(nn.Scale(build.Must(nn.SumSquares(code)), c.cfg.Mu/2))
		penalty = build.Must(nn.Add(penalty, ridge))
	}
	return residual, penalty
}

func ones(n int) []int {
	shape := make([]int, n)
	for i := range shape {
		shape[i] = 1
	}
	return shape
}
