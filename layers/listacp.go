package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// LISTACPConfig configures a LISTACP.
type LISTACPConfig struct {
	UnrollConfig
	Select      Selection // support selection, which makes it LISTA-CPSS; zero is none
	VectorTheta bool      // a threshold for each atom instead of one a layer
	Untied      bool      // a W for each layer instead of one for all
}

// LISTACP is LISTA with coupled weights:
//
//	zₜ₊₁ = S_θₜ(zₜ + (x − zₜAᵀ) Wₜᵀ)        z₀ = 0
//
// A is given, not learned. With Select, S lets a part of the support pass, and the
// network is LISTA-CPSS. Thresholds are not kept above 0.
//
// Shapes: x n×m, zₜ n×d, W d×m, θ 1 or d. Parameters: Name.w, or Name.layerT.w,
// and Name.layerT.theta, exempt from weight decay.
//
// **One step of:** ISTA on ½‖Az − x‖² + λ‖z‖₁ with the step 1/L, exactly, until
// trained and without Select: W = Aᵀ/L, θ = λ/L.
//
// Reference: Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded
// ISTA and its practical weights and thresholds. NeurIPS 2018, eq. 8 and 12; they
// write Wᵀ for our W.
type LISTACP struct {
	*unrolled
	cfg LISTACPConfig
	w   []*nn.Param // of each layer, or one
}

var _ Unrolled = (*LISTACP)(nil)

// NewLISTACP returns a network that computes what ISTA does.
func NewLISTACP(cfg LISTACPConfig) (*LISTACP, error) {
	u, err := newUnrolled("LISTACP", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &LISTACP{unrolled: u, cfg: cfg}
	return l, errors.WithMessagef(l.fill(), "layers: LISTACP %q", cfg.Name)
}

func (l *LISTACP) fill() (err error) {
	if err := l.cfg.Select.check(); err != nil {
		return err
	}
	if err := l.addThresholds(l.unrolled.cfg.Lambda/l.unrolled.cfg.Scale, l.cfg.VectorTheta); err != nil {
		return err
	}
	l.w, err = l.matrices("w", l.step(), 1, l.cfg.Untied)
	return err
}

// Iterate implements Unrolled.
func (l *LISTACP) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LISTACP")
	}
	defer build.Catch(&err, "layers: LISTACP %q", l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	var z *gorgonia.Node
	for t := range steps {
		theta, w := build.Must(g.Bind(of(l.theta, t))), build.Must(g.Bind(of(l.w, t)))
		r := build.Must(l.residual(g, x, z))
		z = build.Must(shrunk(z, r, w, theta, l.cfg.Select.percent(t+1)))
		zs = append(zs, z)
	}
	return zs, nil
}

// Forward implements Layer.
func (l *LISTACP) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LISTACP")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled: a shared W is layer 1's.
func (l *LISTACP) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	ps := []*nn.Param{l.theta[t-1]}
	if t <= len(l.w) {
		ps = append(ps, l.w[t-1])
	}
	return ps
}

// Params implements Layer.
func (l *LISTACP) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}
