package csc

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// MLISTA is multi-layer ISTA, unrolled. T times, the last code is synthesised down to the
// first,
//
//	γᵢ ← Dᵢ₊₁ γᵢ₊₁        for i = K−1, …, 1,
//
// and then every layer takes its step, with the new code of the layer below:
//
//	γᵢ ← sᵢ(γᵢ, γᵢ₋₁)     for i = 1, …, K,  γ₀ = x.
//
// Parameters: Name.Wi, Filters×channels×Kernel, Name.ci, 1×1×1×1, and Name.bi, 1×Filters×1×1, for
// i = 1, …, K. Steps c and biases b are 1 and 0 at first, and exempt from weight decay.
//
// **One step of:** a projected gradient step of each layer on ½‖Dᵢγ − γᵢ₋₁‖² + λᵢᵀγ over
// γ ≥ 0, of the length cᵢ and with λᵢ = −bᵢ/cᵢ, exactly.
//
// Reference: Sulam and others, as in the package, algorithm 2, with the learned steps of the
// authors' code.
type MLISTA struct{ tied }

// MLFISTA is MLISTA with the momentum of FISTA on the last code: what is synthesised down,
// and what the last layer starts from, is
//
//	Z = γ_K + (tₖ − 1)/tₖ₊₁ · (γ_K − γ_K one unfolding before),
//
// with t₁ = 1 and tₖ₊₁ = (1 + √(1 + 4tₖ²))/2. Parameters: as MLISTA.
//
// **One step of:** as MLISTA, from the extrapolated code.
//
// Reference: as MLISTA, algorithm 3.
type MLFISTA struct{ tied }

// LayeredBP is layered basis pursuit, unrolled: the code of a layer is improved T times by
// γᵢ ← sᵢ(γᵢ, γᵢ₋₁) and is then final, before the next layer begins. Parameters: as MLISTA.
//
// **One step of:** ISTA on the non-negative LASSO ½‖Dᵢγ − γᵢ₋₁‖² + λᵢᵀγ of a layer, exactly.
//
// Reference: Papyan, Romano, Elad, as in the package, section 5.
type LayeredBP struct{ tied }

// tied is a network with one bank, one step and one bias for each layer of the model.
type tied struct {
	*stack
	w, c, b []*nn.Param
}

var (
	_ Coder = (*MLISTA)(nil)
	_ Coder = (*MLFISTA)(nil)
	_ Coder = (*LayeredBP)(nil)
)

// NewMLISTA returns a network with initial values drawn from cfg.Seed.
func NewMLISTA(cfg Config) (_ *MLISTA, err error) {
	defer build.Catch(&err, "csc: MLISTA %q", cfg.Name)
	return &MLISTA{newTied("MLISTA", cfg)}, nil
}

// NewMLFISTA returns a network with initial values drawn from cfg.Seed.
func NewMLFISTA(cfg Config) (_ *MLFISTA, err error) {
	defer build.Catch(&err, "csc: MLFISTA %q", cfg.Name)
	return &MLFISTA{newTied("MLFISTA", cfg)}, nil
}

// NewLayeredBP returns a network with initial values drawn from cfg.Seed.
func NewLayeredBP(cfg Config) (_ *LayeredBP, err error) {
	defer build.Catch(&err, "csc: LayeredBP %q", cfg.Name)
	return &LayeredBP{newTied("LayeredBP", cfg)}, nil
}

func newTied(kind string, cfg Config) tied {
	t := tied{stack: newStack(kind, cfg)}
	for i, bank := range t.cfg.Banks {
		t.w = append(t.w, t.bank(i, "W%d", i+1))
		t.c = append(t.c, t.numbers(1, 1, "c%d", i+1))
		t.b = append(t.b, t.numbers(0, bank.Filters, "b%d", i+1))
	}
	return t
}

// bound are the parameters of a layer in a graph.
type bound struct{ w, c, b *gorgonia.Node }

// bind binds the parameters of all layers, for images x.
func (t *tied) bind(g *nn.Graph, x *gorgonia.Node) []bound {
	all := make([]bound, len(t.w))
	size := t.sizes(x)
	for i := range all {
		p := bound{build.Must(g.Bind(t.w[i])), t.vector(g, t.c[i]), t.vector(g, t.b[i])}
		if t.cfg.Bounded {
			norm := build.Must(squaredNorm(g, t.c[i].Name+".start", t.cfg.Seed, p.w, t.geometry(i), size[i],
				powerSteps))
			p.c = build.Must(nn.Minimum(p.c, build.Must(nn.Pow(norm, -1))))
		}
		all[i] = p
	}
	return all
}

// first returns γᵢ = ReLU(cᵢ Dᵢᵀ γᵢ₋₁ + bᵢ) of all layers.
func (t *tied) first(ps []bound, x *gorgonia.Node) (codes gorgonia.Nodes) {
	for i, p := range ps {
		u := build.Must(nn.MulScalar(t.analysis(i, x, p.w, nil), p.c))
		x = t.rectified(u, p.b)
		codes = append(codes, x)
	}
	return codes
}

// up takes the step of every layer, from the bottom; of the last from z.
func (t *tied) up(ps []bound, x, z *gorgonia.Node, codes gorgonia.Nodes) {
	for i, p := range ps {
		from := codes[i]
		if i == len(ps)-1 {
			from = z
		}
		codes[i] = t.step(i, from, x, p.w, p.c, p.b)
		x = codes[i]
	}
}

// down synthesises the codes below the last layer from z.
func (t *tied) down(ps []bound, z *gorgonia.Node, codes gorgonia.Nodes) {
	for i := len(ps) - 1; i > 0; i-- {
		z = t.synthesis(i, z, ps[i].w, codes[i-1])
		codes[i-1] = z
	}
}

// Codes implements Coder.
func (n *MLISTA) Codes(g *nn.Graph, x *gorgonia.Node) (codes gorgonia.Nodes, err error) {
	if n == nil || n.stack == nil {
		return nil, notMade("MLISTA")
	}
	defer build.Catch(&err, "csc: %s %q", n.kind, n.cfg.Name)
	build.Check(n.check(x))
	ps := n.bind(g, x)
	codes = n.first(ps, x)
	for range n.cfg.Unfoldings {
		z := codes[len(codes)-1]
		n.down(ps, z, codes)
		n.up(ps, x, z, codes)
	}
	return codes, nil
}

// Codes implements Coder.
func (n *MLFISTA) Codes(g *nn.Graph, x *gorgonia.Node) (codes gorgonia.Nodes, err error) {
	if n == nil || n.stack == nil {
		return nil, notMade("MLFISTA")
	}
	defer build.Catch(&err, "csc: %s %q", n.kind, n.cfg.Name)
	build.Check(n.check(x))
	ps := n.bind(g, x)
	codes = n.first(ps, x)
	before := codes[len(codes)-1]
	t := 1.0
	for range n.cfg.Unfoldings {
		now := codes[len(codes)-1]
		next := (1 + math.Sqrt(1+4*t*t)) / 2
		z := now
		if t > 1 { // at first the two codes are one
			beyond := build.Must(nn.Scale(build.Must(nn.Sub(now, before)), (t-1)/next))
			z = build.Must(nn.Add(now, beyond))
		}
		n.down(ps, z, codes)
		n.up(ps, x, z, codes)
		before, t = now, next
	}
	return codes, nil
}

// Codes implements Coder.
func (n *LayeredBP) Codes(g *nn.Graph, x *gorgonia.Node) (codes gorgonia.Nodes, err error) {
	if n == nil || n.stack == nil {
		return nil, notMade("LayeredBP")
	}
	defer build.Catch(&err, "csc: %s %q", n.kind, n.cfg.Name)
	build.Check(n.check(x))
	for i, p := range n.bind(g, x) {
		z := n.rectified(build.Must(nn.MulScalar(n.analysis(i, x, p.w, nil), p.c)), p.b)
		for range n.cfg.Unfoldings {
			z = n.step(i, z, x, p.w, p.c, p.b)
		}
		codes = append(codes, z)
		x = z
	}
	return codes, nil
}

// image returns D₁D₂…D_K γ.
func (t *tied) image(g *nn.Graph, gamma, like *gorgonia.Node) (x *gorgonia.Node, err error) {
	defer build.Catch(&err, "csc: %s %q", t.kind, t.cfg.Name)
	build.Check(t.check(like))
	return t.synthesisOf(g, t.w, gamma, like), nil
}

// last returns the last code.
func last(codes gorgonia.Nodes, err error) (*gorgonia.Node, error) {
	if err != nil {
		return nil, err
	}
	return codes[len(codes)-1], nil
}

func notMade(kind string) error { return errors.Errorf("csc: %s: not made by New%s", kind, kind) }
