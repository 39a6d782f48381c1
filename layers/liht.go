package layers

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/prox"
)

// LIHTConfig configures a LIHT.
type LIHTConfig struct {
	UnrollConfig
	Sparsity int     // s, the elements of a code that are kept; 0 keeps those above a learned threshold
	Ramp     float64 // σ, the width of the threshold's ramp, which the gradient of θ needs; from 0 to 1
	Untied   bool    // a W for each layer instead of one for all
}

// LIHT is iterative hard thresholding in its network form:
//
//	zₜ₊₁ = H(x Bᵀ + zₜ Wₜᵀ)        z₀ = 0
//
// H keeps the s largest magnitudes of a sample (prox.KeepLargest), or those of at
// least θ⁺ = max(θ, 0) (prox.Hard).
//
// Shapes: x n×m, zₜ n×d, B d×m, W d×d, θ 1. Parameters: Name.b; Name.w, or
// Name.layerT.w; without Sparsity, Name.layerT.theta. The first layer has no W.
//
// **One step of:** iterative hard thresholding with the step 1/L, exactly, until
// trained and with Ramp 0: on ½‖Az − x‖² such that ‖z‖₀ ≤ s, or with the penalty
// λ‖z‖₀, where θ = √(2λ/L). B = Aᵀ/L, W = I − BA.
//
// Reference: Blumensath, Davies. Iterative thresholding for sparse approximations.
// J. Fourier Anal. Appl. 2008, eq. 2.2 and 3.2; unrolled by Xin, Wang, Gao, Wipf. Maximal
// sparsity with deep networks? NeurIPS 2016, and by Wang, Ling, Huang. Learning
// deep ℓ₀ encoders. AAAI 2016.
type LIHT struct {
	*unrolled
	cfg LIHTConfig
	b   *nn.Param
	w   []*nn.Param // of layers 2, 3, …, or one
}

var _ Unrolled = (*LIHT)(nil)

// NewLIHT returns a network that computes what iterative hard thresholding does.
func NewLIHT(cfg LIHTConfig) (*LIHT, error) {
	u, err := newUnrolled("LIHT", cfg.UnrollConfig)
	if err != nil {
		return nil, err
	}
	l := &LIHT{unrolled: u, cfg: cfg}
	return l, errors.WithMessagef(l.fill(), "layers: LIHT %q", cfg.Name)
}

func (l *LIHT) fill() (err error) {
	if l.cfg.Sparsity < 0 || l.cfg.Sparsity > l.d {
		return errors.Errorf("Sparsity is %d, want it from 0 to %d", l.cfg.Sparsity, l.d)
	}
	if !(l.cfg.Ramp >= 0 && l.cfg.Ramp <= 1) {
		return errors.Errorf("Ramp is %v, want it from 0 to 1", l.cfg.Ramp)
	}
	if l.cfg.Sparsity == 0 {
		if err := l.addThresholds(math.Sqrt(2*l.unrolled.cfg.Lambda/l.unrolled.cfg.Scale), false); err != nil {
			return err
		}
	}
	if l.b, err = l.matrix("b", l.step()); err != nil {
		return err
	}
	l.w, err = l.matrices("w", l.network(), 2, l.cfg.Untied)
	return err
}

// Iterate implements Unrolled.
func (l *LIHT) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LIHT")
	}
	defer build.Catch(&err, "layers: LIHT %q", l.cfg.Name)
	build.Check(l.checkSteps(x, steps))
	build.Check(goesOn(l.w, steps))
	c := build.Must(nn.Linear(x, build.Must(g.Bind(l.b)), nil))
	u := c
	for t := range steps {
		if t > 0 {
			u = build.Must(nn.AddLinear(c, zs[t-1], build.Must(g.Bind(of(l.w, t-1))), 1))
		}
		if l.cfg.Sparsity > 0 {
			zs = append(zs, build.Must(prox.KeepLargest(u, l.cfg.Sparsity)))
			continue
		}
		theta := build.Must(nn.ReLU(build.Must(g.Bind(of(l.theta, t)))))
		zs = append(zs, build.Must(prox.Hard(u, theta, l.cfg.Ramp)))
	}
	return zs, nil
}

// Forward implements Layer.
func (l *LIHT) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.unrolled == nil {
		return nil, notMade("LIHT")
	}
	return last(l.Iterate(g, x, l.Depth()))
}

// Stage implements Unrolled: B is layer 1's, a shared W layer 2's.
func (l *LIHT) Stage(t int) (ps []*nn.Param) {
	if l == nil || l.unrolled == nil || t < 1 || t > l.Depth() {
		return nil
	}
	if len(l.theta) > 0 {
		ps = append(ps, l.theta[t-1])
	}
	switch {
	case t == 1:
		ps = append(ps, l.b)
	case t-2 < len(l.w):
		ps = append(ps, l.w[t-2])
	}
	return ps
}

// Params implements Layer.
func (l *LIHT) Params() []*nn.Param {
	if l == nil || l.unrolled == nil {
		return nil
	}
	return stages(l)
}
