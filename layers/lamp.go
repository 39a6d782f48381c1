package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/prox"
	"github.com/whitebox-nn/whitebox/nn/unroll"
)

// LAMPConfig configures a LAMP. Scale 0 is 1 here, as approximate message passing
// has no step; Lambda is not used.
type LAMPConfig struct {
	UnrollConfig
	Alpha  float64 // α, the threshold by the residual's deviation; 0 is 1.1402
	Untied bool    // a B for each layer instead of one for all
}

// LAMP is approximate message passing, with a matrix and thresholds to learn:
//
//	zₜ₊₁ = S_αₜσₜ(zₜ + vₜ Bₜᵀ)                  σₜ = ‖vₜ‖₂/√m, for each sample
//	vₜ₊₁ = x − zₜ₊₁Aᵀ + ‖zₜ₊₁‖₀/m · vₜ          z₀ = 0, v₀ = x
//
// The last term, Onsager's, makes the error before the threshold Gaussian.
// ‖z‖₀ is a constant of the gradient.
//
// Shapes: x n×m, zₜ n×d, v n×m, B d×m, α 1. Parameters: Name.b, or Name.layerT.b,
// and Name.layerT.alpha.
//
// **One step of:** AMP with the threshold α‖v‖/√m, exactly, until trained:
// B = Aᵀ/L with L = 1.
//
// Reference: Borgerding, Schniter, Rangan. AMP-inspired deep networks for sparse
// linear inverse problems. IEEE TSP 2017, eq. 16–18. The default α is the minimax
// one for a tenth of coefficients that are not 0.
type LAMP struct {
	stepped
	cfg LAMPConfig
	b   []*nn.Param
}

var _ Unrolled = (*LAMP)(nil)

// NewLAMP returns a network that computes what AMP does.
func NewLAMP(cfg LAMPConfig) (*LAMP, error) {
	if cfg.Scale == 0 {
		cfg.Scale = 1
	}
	u, err := newUnrolled("LAMP", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &LAMP{stepped: stepped{unrolled: u}, cfg: cfg}
	if cfg.Alpha == 0 {
		l.cfg.Alpha = 1.1402
	}
	if !(l.cfg.Alpha > 0) {
		return nil, errors.Errorf("layers: LAMP %q: Alpha is %v, want it above 0", cfg.Name, cfg.Alpha)
	}
	if err := l.addSteps(l.cfg.Alpha); err != nil {
		return nil, errors.WithMessagef(err, "layers: LAMP %q", cfg.Name)
	}
	l.b, err = u.matrices("b", u.step(), 1, cfg.Untied)
	return l, errors.WithMessagef(err, "layers: LAMP %q", cfg.Name)
}

// Iterate implements Unrolled.
func (l *LAMP) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LAMP")
	}
	defer build.Catch(&err, "layers: LAMP %q", l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	var z *gorgonia.Node
	v := x
	for t := range steps {
		if z != nil {
			density := build.Must(nn.Reshape(build.Must(unroll.Density(z, l.m)), z.Shape()[0], 1))
			onsager := build.Must(nn.Mul(v, density))
			v = build.Must(nn.Add(build.Must(l.residual(g, x, z)), onsager))
		}
		b := build.Must(g.Bind(of(l.b, t)))
		var r *gorgonia.Node
		if z == nil {
			r = build.Must(nn.Linear(v, b, nil))
		} else {
			r = build.Must(nn.AddLinear(z, v, b, 1))
		}
		theta := build.Must(nn.MulScalar(build.Must(unroll.RootMeanSquare(v)), build.Must(g.Bind(of(l.alpha, t)))))
		z = build.Must(prox.SoftRows(r, theta))
		zs = append(zs, z)
	}
	return zs, nil
}

// Forward implements Layer.
func (l *LAMP) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LAMP")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled: a shared B is layer 1's.
func (l *LAMP) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	ps := []*nn.Param{l.alpha[t-1]}
	if t <= len(l.b) {
		ps = append(ps, l.b[t-1])
	}
	return ps
}

// Params implements Layer.
func (l *LAMP) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}
