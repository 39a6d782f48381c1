package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/unroll"
)

// GLISTAConfig configures a GLISTA.
type GLISTAConfig struct {
	UnrollConfig
	Untied    bool    // a W for each layer instead of one for all
	Overshoot bool    // the overshoot gate too, which makes it AGLISTA
	Eps       float64 // ε of the overshoot gate; 0 is 0.1
}

// GLISTA is LISTA-CP whose codes pass a gain gate before the linear part, which
// gives back what soft thresholding takes away:
//
//	z̃  = zₜ ⊙ (1 + μₜ θₜ₋₁ exp(−κₜ|zₜ|))        z₀ = 0
//	ẑ  = S_θₜ(z̃ + (x − z̃Aᵀ) Wₜᵀ)
//	zₜ₊₁ = ẑ, or with Overshoot  ẑ + aₜ (ẑ − zₜ)/(|ẑ − zₜ| + ε)
//
// Shapes: x n×m, zₜ n×d, W d×m, the others 1. Parameters: Name.w, or Name.layerT.w;
// Name.layerT.theta, .mu and .kappa, from layer 2 on, and .a with Overshoot.
//
// **One step of:** ISTA on ½‖Az − x‖² + λ‖z‖₁ with the step 1/L, exactly, until
// trained: W = Aᵀ/L, θ = λ/L, μ = a = 0.
//
// Reference: Wu, Guo, Li, Zhang. Sparse coding with gated learned ISTA. ICLR 2020,
// sec. 3, with the exponential gain; the start at no gain is ours.
type GLISTA struct {
	*unrolled
	cfg          GLISTAConfig
	w, mu, kappa []*nn.Param // mu, kappa and a begin with layer 2
	a            []*nn.Param // empty without Overshoot
}

var _ Unrolled = (*GLISTA)(nil)

// NewGLISTA returns a network that computes what ISTA does.
func NewGLISTA(cfg GLISTAConfig) (*GLISTA, error) {
	u, err := newUnrolled("GLISTA", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	if cfg.Eps == 0 {
		cfg.Eps = 0.1
	}
	l := &GLISTA{unrolled: u, cfg: cfg}
	return l, errors.WithMessagef(l.fill(), "layers: GLISTA %q", cfg.Name)
}

func (l *GLISTA) fill() (err error) {
	if err := l.addThresholds(l.unrolled.cfg.Lambda/l.unrolled.cfg.Scale, false); err != nil {
		return err
	}
	if l.mu, err = l.scalars("mu", 2, 0); err != nil {
		return err
	}
	if l.kappa, err = l.scalars("kappa", 2, 1); err != nil {
		return err
	}
	if l.cfg.Overshoot {
		if l.a, err = l.scalars("a", 2, 0); err != nil {
			return err
		}
	}
	l.w, err = l.matrices("w", l.step(), 1, l.cfg.Untied)
	return err
}

// scalars returns a number for each layer from first on, counted from 1.
func (u *unrolled) scalars(name string, first int, value float64) (ps []*nn.Param, err error) {
	for t := first; t <= u.cfg.Layers; t++ {
		p, err := u.numbers(layerName(t-1, name), value, 1)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// Iterate implements Unrolled.
func (l *GLISTA) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("GLISTA")
	}
	defer build.Catch(&err, "layers: GLISTA %q", l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	var z *gorgonia.Node
	for t := range steps {
		theta, w := build.Must(g.Bind(of(l.theta, t))), build.Must(g.Bind(of(l.w, t)))
		gated := z
		if len(l.mu) > 0 && z != nil {
			gain := build.Must(nn.Mul(build.Must(g.Bind(of(l.mu, t-1))), build.Must(g.Bind(of(l.theta, t-1)))))
			gated = build.Must(unroll.GainGate(z, gain, build.Must(g.Bind(of(l.kappa, t-1)))))
		}
		next := build.Must(shrunk(gated, build.Must(l.residual(g, x, gated)), w, theta, 0))
		if len(l.a) > 0 && z != nil {
			next = build.Must(unroll.Overshoot(next, z, build.Must(g.Bind(of(l.a, t-1))), l.cfg.Eps))
		}
		z = next
		zs = append(zs, z)
	}
	return zs, nil
}

// Forward implements Layer.
func (l *GLISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("GLISTA")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled: a shared W is layer 1's.
func (l *GLISTA) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	ps := []*nn.Param{l.theta[t-1]}
	if t <= len(l.w) {
		ps = append(ps, l.w[t-1])
	}
	if t >= 2 {
		ps = append(ps, l.mu[t-2], l.kappa[t-2])
		if l.cfg.Overshoot {
			ps = append(ps, l.a[t-2])
		}
	}
	return ps
}

// Params implements Layer.
func (l *GLISTA) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}
