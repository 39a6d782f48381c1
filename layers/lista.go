package layers

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// LISTAConfig configures a LISTA.
type LISTAConfig struct {
	UnrollConfig
	Select      Selection // support selection, which makes it LISTA-SS; zero is none
	VectorTheta bool      // a threshold for each atom instead of one a layer
	Untied      bool      // a W for each layer instead of one for all
	UntiedB     bool      // a B for each layer too
}

// LISTA is ISTA in its network form, with matrices and thresholds to learn:
//
//	z₁   = S_θ₁(x Bᵀ)
//	zₜ₊₁ = S_θₜ₊₁(x Bᵀ + zₜ Wₜ₊₁ᵀ)
//
// where S is soft thresholding, by θ⁺ = max(θ, 0), or with Select the one that
// lets a part of the support pass.
//
// Shapes: x n×m, zₜ n×d, B d×m, W d×d, θ 1 or d. Parameters: Name.b, or
// Name.layerT.b; Name.w, or Name.layerT.w; Name.layerT.theta. Layers count from 1;
// the first has no W. The thresholds are exempt from weight decay.
//
// **One step of:** ISTA on ½‖Az − x‖² + λ‖z‖₁ with the step 1/L, exactly, until
// trained: B = Aᵀ/L, W = I − BA, θ = λ/L.
//
// Reference: Gregor, LeCun. Learning fast approximations of sparse coding. ICML
// 2010, algorithm 3; support selection as in LISTACP.
type LISTA struct {
	*unrolled
	cfg  LISTAConfig
	b, w []*nn.Param // of each layer, or one; w[0] is layer 2's
}

var _ Unrolled = (*LISTA)(nil)

// NewLISTA returns a network that computes what ISTA does.
func NewLISTA(cfg LISTAConfig) (*LISTA, error) {
	u, err := newUnrolled("LISTA", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &LISTA{unrolled: u, cfg: cfg}
	return l, errors.WithMessagef(l.fill(), "layers: LISTA %q", cfg.Name)
}

func (l *LISTA) fill() (err error) {
	if err := l.cfg.Select.check(); err != nil {
		return err
	}
	if err := l.addThresholds(l.unrolled.cfg.Lambda/l.unrolled.cfg.Scale, l.cfg.VectorTheta); err != nil {
		return err
	}
	if l.b, err = l.matrices("b", l.step(), 1, l.cfg.UntiedB); err != nil {
		return err
	}
	l.w, err = l.matrices("w", l.network(), 2, l.cfg.Untied)
	return err
}

// Iterate implements Unrolled.
func (l *LISTA) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LISTA")
	}
	defer build.Catch(&err, "layers: LISTA %q", l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	build.Check(goesOn(l.w, steps))
	var c, z *gorgonia.Node
	for t := range steps {
		theta := build.Must(nn.ReLU(build.Must(g.Bind(of(l.theta, t)))))
		if t < len(l.b) {
			c = build.Must(nn.Linear(x, build.Must(g.Bind(l.b[t])), nil))
		}
		if t == 0 {
			z = build.Must(thresholded(c, theta, l.cfg.Select.percent(1)))
		} else {
			z = build.Must(shrunk(c, z, build.Must(g.Bind(of(l.w, t-1))), theta, l.cfg.Select.percent(t+1)))
		}
		zs = append(zs, z)
	}
	return zs, nil
}

// Forward implements Layer.
func (l *LISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LISTA")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled: a shared B is layer 1's, a shared W layer 2's.
func (l *LISTA) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	ps := []*nn.Param{l.theta[t-1]}
	if t <= len(l.b) {
		ps = append(ps, l.b[t-1])
	}
	if t >= 2 && t-2 < len(l.w) {
		ps = append(ps, l.w[t-2])
	}
	return ps
}

// Params implements Layer.
func (l *LISTA) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}

// addThresholds makes the threshold of each layer.
func (u *unrolled) addThresholds(value float64, vector bool) error {
	n := 1
	if vector {
		n = u.d
	}
	for t := range u.cfg.Layers {
		p, err := u.numbers(layerName(t, "theta"), value, n)
		if err != nil {
			return err
		}
		u.theta = append(u.theta, p)
	}
	return nil
}

// layerName returns the name of a parameter of a layer, counted from 0 here and
// from 1 in the name.
func layerName(t int, part string) string { return fmt.Sprintf("layer%d.%s", t+1, part) }
