package layers

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
)

// TiLISTAConfig configures a TiLISTA.
type TiLISTAConfig struct {
	UnrollConfig
	Select Selection // support selection; zero is none
}

// ALISTAConfig configures an ALISTA.
type ALISTAConfig struct {
	UnrollConfig
	Select Selection  // support selection; zero is none
	W      *mat.Dense // the weight, m×d; nil is the analytic one (sparse.AnalyticWeight)
	Alpha  float64    // αₜ at first; 0 is 1
}

// TiLISTA is LISTA-CP with one weight for all layers and a step for each:
//
//	zₜ₊₁ = S_θₜ(zₜ + αₜ (x − zₜAᵀ) Wᵀ)        z₀ = 0
//
// With Select, S lets a part of the support pass. Shapes: x n×m, zₜ n×d, W d×m, α
// and θ 1. Parameters: Name.w, Name.layerT.theta and Name.layerT.alpha, the last two
// exempt from weight decay.
//
// **One step of:** ISTA on ½‖Az − x‖² + λ‖z‖₁ with the step 1/L, exactly, until
// trained and without Select: W = Aᵀ/L, α = 1, θ = λ/L.
//
// Reference: Liu, Chen, Wang, Yin. ALISTA: analytic weights are as good as
// learned weights in LISTA. ICLR 2019, eq. 15.
type TiLISTA struct {
	stepped
	sel Selection
	w   *nn.Param
}

// ALISTA is TiLISTA with a weight that is computed, not learned, so that two
// numbers a layer are left to learn.
//
// Parameters: Name.layerT.theta and Name.layerT.alpha.
//
// **One step of:** iterative soft thresholding along the weight W with the step α,
// until trained; with W = A, α = 1/L and without Select that is ISTA.
//
// Reference: as TiLISTA, eq. 16; the weight is that of sparse.AnalyticWeight.
type ALISTA struct {
	TiLISTA
	weight *mat.Dense // W, m×d
}

var (
	_ Unrolled = (*TiLISTA)(nil)
	_ Unrolled = (*ALISTA)(nil)
	_ Unrolled = (*StepLISTA)(nil)
)

// NewTiLISTA returns a network that computes what ISTA does.
func NewTiLISTA(cfg TiLISTAConfig) (*TiLISTA, error) {
	u, err := newUnrolled("TiLISTA", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &TiLISTA{stepped: stepped{unrolled: u}, sel: cfg.Select}
	return l, errors.WithMessagef(l.fill(l.step(), 1), "layers: TiLISTA %q", cfg.Name)
}

// NewALISTA returns a network with the thresholds λ/L and the steps cfg.Alpha.
func NewALISTA(cfg ALISTAConfig) (*ALISTA, error) {
	u, err := newUnrolled("ALISTA", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &ALISTA{TiLISTA: TiLISTA{stepped: stepped{unrolled: u}, sel: cfg.Select}}
	return l, errors.WithMessagef(l.fill(cfg), "layers: ALISTA %q", cfg.Name)
}

func (l *ALISTA) fill(cfg ALISTAConfig) (err error) {
	w := cfg.W
	if w == nil {
		if w, err = sparse.AnalyticWeight(l.cfg.A); err != nil {
			return err
		}
	}
	if m, d := w.Dims(); m != l.m || d != l.d {
		return errors.Errorf("W is %d×%d, want it %d×%d as A", m, d, l.m, l.d)
	}
	if cfg.Alpha == 0 {
		cfg.Alpha = 1
	}
	l.weight = w
	return l.TiLISTA.fill(mat.DenseCopyOf(w.T()), cfg.Alpha)
}

func (l *TiLISTA) fill(w *mat.Dense, alpha float64) (err error) {
	if err := l.sel.check(); err != nil {
		return err
	}
	if err := l.addThresholds(l.cfg.Lambda/l.cfg.Scale, false); err != nil {
		return err
	}
	if err := l.addSteps(alpha); err != nil {
		return err
	}
	l.w, err = l.matrix("w", w)
	return err
}

// Iterate implements Unrolled.
func (l *TiLISTA) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("TiLISTA")
	}
	defer build.Catch(&err, "layers: %s %q", l.kind, l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	w := build.Must(g.Bind(l.w))
	var z *gorgonia.Node
	for t := range steps {
		theta, alpha := build.Must(g.Bind(of(l.theta, t))), build.Must(g.Bind(of(l.alpha, t)))
		r := build.Must(nn.MulScalar(build.Must(l.residual(g, x, z)), alpha))
		z = build.Must(shrunk(z, r, w, theta, l.sel.percent(t+1)))
		zs = append(zs, z)
	}
	return zs, nil
}

// Forward implements Layer.
func (l *TiLISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("TiLISTA")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled: W is layer 1's.
func (l *TiLISTA) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	ps := []*nn.Param{l.theta[t-1], l.alpha[t-1]}
	if t == 1 {
		ps = append(ps, l.w)
	}
	return ps
}

// Params implements Layer.
func (l *TiLISTA) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}

// Iterate implements Unrolled.
func (l *ALISTA) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (gorgonia.Nodes, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("ALISTA")
	}
	return l.TiLISTA.Iterate(g, x, steps)
}

// Forward implements Layer.
func (l *ALISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("ALISTA")
	}
	return l.TiLISTA.Forward(g, x)
}

// Stage implements Unrolled: W is learned by no layer.
func (l *ALISTA) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	return []*nn.Param{l.theta[t-1], l.alpha[t-1]}
}

// Params implements Layer.
func (l *ALISTA) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}

// StepLISTAConfig configures a StepLISTA.
type StepLISTAConfig struct{ UnrollConfig }

// StepLISTA learns nothing but the steps of ISTA:
//
//	zₜ₊₁ = S_αₜλ(zₜ + αₜ (x − zₜAᵀ) A)        z₀ = 0
//
// so that it is trained without codes, by the LASSO's objective (losses.LASSO).
//
// Shapes: x n×m, zₜ n×d, α 1. Parameters: Name.layerT.alpha.
//
// **One step of:** ISTA on ½‖Az − x‖² + λ‖z‖₁ with the step α, always; it is 1/L
// until trained.
//
// Reference: Ablin, Moreau, Massias, Gramfort. Learning step sizes for unfolded
// sparse coding. NeurIPS 2019, sec. 4.
type StepLISTA struct {
	stepped
	adjoint *nn.Param // Aᵀ, d×m: a constant
}

// NewStepLISTA returns a network that computes what ISTA does.
func NewStepLISTA(cfg StepLISTAConfig) (*StepLISTA, error) {
	u, err := newUnrolled("StepLISTA", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &StepLISTA{stepped: stepped{unrolled: u}}
	if err := l.addSteps(1 / u.cfg.Scale); err != nil {
		return nil, errors.WithMessagef(err, "layers: StepLISTA %q", cfg.Name)
	}
	l.adjoint, err = u.matrix("adjoint", u.cfg.A.T())
	return l, errors.WithMessagef(err, "layers: StepLISTA %q", cfg.Name)
}

// Iterate implements Unrolled.
func (l *StepLISTA) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("StepLISTA")
	}
	defer build.Catch(&err, "layers: StepLISTA %q", l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	w := build.Must(g.Bind(l.adjoint))
	var z *gorgonia.Node
	for t := range steps {
		alpha := build.Must(g.Bind(of(l.alpha, t)))
		r := build.Must(nn.MulScalar(build.Must(l.residual(g, x, z)), alpha))
		z = build.Must(shrunk(z, r, w, build.Must(nn.Scale(alpha, l.cfg.Lambda)), 0))
		zs = append(zs, z)
	}
	return zs, nil
}

// Forward implements Layer.
func (l *StepLISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("StepLISTA")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled.
func (l *StepLISTA) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	return []*nn.Param{l.alpha[t-1]}
}

// Params implements Layer.
func (l *StepLISTA) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}

// stepped is an unrolled network with a step in each layer.
type stepped struct {
	*unrolled
	alpha []*nn.Param
}

func (s *stepped) addSteps(value float64) error {
	for t := range s.cfg.Layers {
		p, err := s.numbers(layerName(t, "alpha"), value, 1)
		if err != nil {
			return err
		}
		s.alpha = append(s.alpha, p)
	}
	return nil
}
