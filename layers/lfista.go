package layers

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/unroll"
)

// LFISTAConfig configures an LFISTA.
type LFISTAConfig struct {
	UnrollConfig
	VectorTheta bool // a threshold for each atom instead of one a layer
	Untied      bool // a W for each layer instead of one for all
}

// LFISTA is FISTA in its network form, with matrices, thresholds and momenta to
// learn:
//
//	zₜ₊₁ = S_θₜ(x Bᵀ + yₜ Wₜᵀ)
//	yₜ₊₁ = zₜ₊₁ + βₜ (zₜ₊₁ − zₜ)        z₀ = y₀ = 0
//
// where S takes θ⁺ = max(θ, 0).
//
// Shapes: x n×m, zₜ n×d, B d×m, W d×d, θ 1 or d, β 1. Parameters: Name.b; Name.w, or
// Name.layerT.w; Name.layerT.theta and Name.layerT.beta. Layer T uses the momentum of
// its name; the first has neither that nor W.
//
// **One step of:** FISTA on ½‖Az − x‖² + λ‖z‖₁ with the step 1/L, exactly, until
// trained: B = Aᵀ/L, W = I − BA, θ = λ/L, β the momentum of Beck and Teboulle.
//
// Reference: Beck, Teboulle. A fast iterative shrinkage-thresholding algorithm for
// linear inverse problems. SIAM J. Imaging Sci. 2009, eq. 4.1–4.3, unrolled as
// LISTA is; Moreau, Bruna. Understanding trainable sparse coding via matrix
// factorization. ICLR 2017, sec. 4.
type LFISTA struct {
	*unrolled
	cfg     LFISTAConfig
	b       *nn.Param
	w, beta []*nn.Param // of layers 2, 3, …; w may be one
}

var _ Unrolled = (*LFISTA)(nil)

// NewLFISTA returns a network that computes what FISTA does.
func NewLFISTA(cfg LFISTAConfig) (*LFISTA, error) {
	u, err := newUnrolled("LFISTA", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &LFISTA{unrolled: u, cfg: cfg}
	return l, errors.WithMessagef(l.fill(), "layers: LFISTA %q", cfg.Name)
}

func (l *LFISTA) fill() (err error) {
	if err := l.addThresholds(l.unrolled.cfg.Lambda/l.unrolled.cfg.Scale, l.cfg.VectorTheta); err != nil {
		return err
	}
	if l.b, err = l.matrix("b", l.step()); err != nil {
		return err
	}
	if l.w, err = l.matrices("w", l.network(), 2, l.cfg.Untied); err != nil {
		return err
	}
	for t, k := 1.0, 2; k <= l.Depth(); k++ {
		next := (1 + math.Sqrt(1+4*t*t)) / 2
		p, err := l.numbers(layerName(k-1, "beta"), (t-1)/next, 1)
		if err != nil {
			return err
		}
		l.beta, t = append(l.beta, p), next
	}
	return nil
}

// Iterate implements Unrolled.
func (l *LFISTA) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LFISTA")
	}
	defer build.Catch(&err, "layers: LFISTA %q", l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	build.Check(goesOn(l.w, steps))
	c := build.Must(nn.Linear(x, build.Must(g.Bind(l.b)), nil))
	var z, before *gorgonia.Node
	for t := range steps {
		theta := build.Must(nn.ReLU(build.Must(g.Bind(of(l.theta, t)))))
		if t == 0 {
			z = build.Must(nn.SoftThreshold(c, theta))
			zs = append(zs, z)
			continue
		}
		ahead := z
		if before != nil {
			ahead = build.Must(nn.Sub(z, before))
		}
		y := build.Must(nn.Add(z, build.Must(nn.MulScalar(ahead, build.Must(g.Bind(of(l.beta, t-1)))))))
		before = z
		z = build.Must(unroll.ThresholdStep(c, y, build.Must(g.Bind(of(l.w, t-1))), theta, 1))
		zs = append(zs, z)
	}
	return zs, nil
}

// Forward implements Layer.
func (l *LFISTA) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LFISTA")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled: B is layer 1's, a shared W layer 2's.
func (l *LFISTA) Stage(t int) []*nn.Param {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	ps := []*nn.Param{l.theta[t-1]}
	if t == 1 {
		return append(ps, l.b)
	}
	if t-2 < len(l.w) {
		ps = append(ps, l.w[t-2])
	}
	return append(ps, l.beta[t-2])
}

// Params implements Layer.
func (l *LFISTA) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}
