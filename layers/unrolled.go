package layers

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/sparse"
)

// An Unrolled network has the iterations of an algorithm for its layers: from a
// sample x it computes codes z₁, z₂, … with x ≈ A z. Its Forward is the last of
// Depth.
type Unrolled interface {
	Layer

	// Iterate returns the codes z₁, …, z_steps of the samples x. Shapes: x n×m, each
	// zₜ n×d. Beyond Depth the last layer is repeated. Errors: steps < 1, or more than one of a
	// network of one layer that has no weight to repeat.
	Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (gorgonia.Nodes, error)

	// Depth returns the number of layers, T.
	Depth() int

	// Stage returns the parameters that layer t, from 1 to Depth, has and that no layer before it has: those to train
	// when that layer is added.
	Stage(t int) []*nn.Param

	// Thresholds returns the parameter that holds the threshold of each layer, nil
	// if a layer has none of its own.
	Thresholds() []*nn.Param
}

// UnrollConfig holds the settings that all unrolled networks share.
type UnrollConfig struct {
	Name   string       // prefix of the parameters
	A      *mat.Dense   // dictionary, m×d: measurements by atoms
	Layers int          // T; 0 is 16
	Lambda float64      // λ of the LASSO that the untrained network solves; 0 is 0.4
	Scale  float64      // L, one over the step; 0 is 1.001·‖A‖₂², of the largest singular value
	Dtype  tensor.Dtype // zero is float32
}

// Selection is support selection: in layer t, counted from 1, the
// min(P·t, Max) percent of a sample's elements that are largest pass the threshold
// unshrunk (prox.Select). The zero value selects nothing.
type Selection struct {
	P   float64 // percent a layer; the papers' choice is 1.2
	Max float64 // percent at most; the papers' choice is 13. Above 0 if P is
}

// percent returns q of layer t, counted from 1.
func (s Selection) percent(t int) float64 { return math.Min(s.P*float64(t), s.Max) }

func (s Selection) check() error {
	switch {
	case !(s.P >= 0 && s.P <= 100 && s.Max >= 0 && s.Max <= 100):
		return errors.Errorf("Select is %v percent a layer, %v at most, want both from 0 to 100", s.P, s.Max)
	case s.P > 0 && s.Max == 0:
		return errors.Errorf(
			"Select is %v percent a layer but 0 at most, which selects nothing: set Max, to 13 for example", s.P)
	}
	return nil
}

// unrolled is what the networks have in common.
type unrolled struct {
	kind  string
	cfg   UnrollConfig
	m, d  int
	a     *nn.Param // A, m×d: a constant, bound but not listed
	theta []*nn.Param
}

// newUnrolled checks cfg and fills in its defaults.
func newUnrolled(kind string, cfg UnrollConfig) (*unrolled, error) {
	if cfg.Name == "" {
		return nil, errors.Errorf("layers: %s: no Name, which the names of its parameters begin with", kind)
	}
	u := &unrolled{kind: kind, cfg: cfg}
	if err := u.fill(); err != nil {
		return nil, errors.WithMessagef(err, "layers: %s %q", kind, cfg.Name)
	}
	return u, nil
}

func (u *unrolled) fill() error {
	c := &u.cfg
	if c.A == nil || c.A.IsEmpty() {
		return errors.New("no dictionary A, m×d")
	}
	u.m, u.d = c.A.Dims()
	if norm := mat.Norm(c.A, 1); norm-norm != 0 || norm == 0 {
		return errors.Errorf("the dictionary A, %d×%d, is 0 or holds a number that is not finite", u.m, u.d)
	}
	if c.Layers == 0 {
		c.Layers = 16
	}
	if c.Lambda == 0 {
		c.Lambda = 0.4
	}
	if c.Scale == 0 {
		op, err := sparse.NewMatrix(c.A)
		if err != nil {
			return err
		}
		lipschitz, err := sparse.Lipschitz(op)
		if err != nil {
			return err
		}
		c.Scale = 1.001 * lipschitz
	}
	switch {
	case c.Layers < 1 || c.Layers > sizes.MostLayers:
		return errors.Errorf("%d Layers, want 1 to %d", c.Layers, sizes.MostLayers)
	case !(c.Lambda > 0) || math.IsInf(c.Lambda, 0):
		return errors.Errorf("Lambda is %v, want it above 0", c.Lambda)
	case !(c.Scale > 0) || math.IsInf(c.Scale, 0):
		return errors.Errorf("Scale is %v, want it above 0", c.Scale)
	}
	if err := sizes.Check("the matrices of all layers, each", c.Layers, u.d, max(u.d, u.m)); err != nil {
		return err
	}
	var err error
	u.a, err = u.matrix("a", c.A)
	return err
}

// matrix returns a parameter that holds a.
func (u *unrolled) matrix(name string, a mat.Matrix) (*nn.Param, error) {
	rows, cols := a.Dims()
	return newParam(u.cfg.Name+"."+name, u.cfg.Dtype, 0, elements{mat.DenseCopyOf(a).RawMatrix().Data}, rows, cols)
}

// numbers returns a parameter of n equal numbers that is exempt from weight decay.
func (u *unrolled) numbers(name string, value float64, n int) (*nn.Param, error) {
	p, err := newParam(u.cfg.Name+"."+name, u.cfg.Dtype, 0, initializer.Constant{Value: value}, n)
	if err == nil {
		p.NoDecay = true
	}
	return p, err
}

// step returns Aᵀ/L, d×m.
func (u *unrolled) step() *mat.Dense {
	var b mat.Dense
	b.Scale(1/u.cfg.Scale, u.cfg.A.T())
	return &b
}

// network returns I − AᵀA/L, d×d.
func (u *unrolled) network() *mat.Dense {
	var w mat.Dense
	w.Mul(u.step(), u.cfg.A)
	w.Apply(func(i, j int, v float64) float64 {
		if i == j {
			return 1 - v
		}
		return -v
	}, &w)
	return &w
}

// Depth implements Unrolled.
func (u *unrolled) Depth() int {
	if u == nil {
		return 0
	}
	return u.cfg.Layers
}

// Thresholds implements Unrolled.
func (u *unrolled) Thresholds() []*nn.Param {
	if u == nil {
		return nil
	}
	return append([]*nn.Param(nil), u.theta...)
}

// of returns the parameter of layer t, counted from 0; beyond the last, the last's.
// A single one is shared.
func of(ps []*nn.Param, t int) *nn.Param { return ps[min(t, len(ps)-1)] }

// checkSteps reports a number of iterations or samples that make no sense.
func (u *unrolled) checkSteps(x *gorgonia.Node, steps int) error {
	if steps < 1 || steps > sizes.MostLayers {
		return errors.Errorf("%d iterations, want 1 to %d", steps, sizes.MostLayers)
	}
	if build.Rank(x) != 2 || x.Shape()[1] != u.m {
		return errors.Wrapf(nn.ErrInput, "samples of shape %v, want n×%d", shapeOf(x), u.m)
	}
	return nil
}

// goesOn reports a network of one layer that is to be repeated: it has no W, which begins with the second layer.
func goesOn(w []*nn.Param, steps int) error {
	if len(w) == 0 && steps > 1 {
		return errors.Errorf("%d iterations of a network of 1 layer, which has no W: make it with 2 Layers", steps)
	}
	return nil
}

func shapeOf(x *gorgonia.Node) any {
	if build.Rank(x) < 0 {
		return nil
	}
	return x.Shape()
}

// last returns the last of the codes of an Unrolled network, as its Forward.
func last(zs gorgonia.Nodes, err error) (*gorgonia.Node, error) {
	if err != nil {
		return nil, err
	}
	return zs[len(zs)-1], nil
}

// stages returns the parameters of all stages, in order.
func stages(u Unrolled) []*nn.Param {
	var ps []*nn.Param
	for t := range u.Depth() {
		ps = append(ps, u.Stage(t+1)...)
	}
	return ps
}

// elements is the initializer that copies.
type elements struct{ values []float64 }

// Fill implements nn.Initializer.
func (e elements) Fill(p *nn.Param, _ *rand.Rand) error { return nn.SetFloats(p.Value, e.values) }

// matrices returns a copy of a for each layer from first on, counted from 1, or one
// for all.
func (u *unrolled) matrices(name string, a *mat.Dense, first int, untied bool) (ps []*nn.Param, err error) {
	if u.cfg.Layers < first {
		return nil, nil
	}
	if !untied {
		p, err := u.matrix(name, a)
		return []*nn.Param{p}, err
	}
	for t := first; t <= u.cfg.Layers; t++ {
		p, err := u.matrix(layerName(t-1, name), a)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	return ps, nil
}
