package csc

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// MLLISTA is MLISTA with a second bank of filters for each layer, and no steps. Where Wᵢ and
// Bᵢ stand for the synthesis with those filters, each of T unfoldings is
//
//	γᵢ ← Bᵢ₊₁ γᵢ₊₁                                     down,
//	γᵢ ← ReLU(γᵢ − Wᵢᵀ Wᵢ γᵢ + Bᵢᵀ γᵢ₋₁ + bᵢ)          up,
//
// and the first estimate is ReLU(Bᵢᵀ γᵢ₋₁ + bᵢ). Parameters: Name.Bi, Name.Wi and Name.bi, in
// the shapes of MLISTA.
//
// **One step of:** MLISTA with the step 1, exactly, where B and W are equal.
//
// Reference: as MLISTA, section 5.
type MLLISTA struct {
	*stack
	b, w, bias []*nn.Param
}

// AllFree has as many operations as T unfoldings, no two of which share their filters, and
// codes that are not synthesised from above:
//
//	γᵢ ← ReLU(Wᵢ₁ᵀ γᵢ₋₁ + bᵢ₁)                                        for each i, then
//	γᵢ ← ReLU(γᵢ − Wᵢₖ₊₁ᵀ (Wᵢₖ γᵢ − γᵢ₋₁) + bᵢₖ₊₁)      k = 1, …, T, for each i in turn.
//
// Parameters: Name.Wi_k and Name.bi_k, k = 1, …, T + 1, in the shapes of MLISTA. It is the
// baseline of the paper, with T = 6. It may have 2²⁵ weights.
//
// **One step of:** the step s of the package with c = 1, where the banks of a layer are equal.
//
// Reference: as MLISTA.
type AllFree struct {
	*stack
	w, b [][]*nn.Param
}

var (
	_ Coder = (*MLLISTA)(nil)
	_ Coder = (*AllFree)(nil)
)

// NewMLLISTA returns a network with initial values drawn from cfg.Seed.
func NewMLLISTA(cfg Config) (_ *MLLISTA, err error) {
	defer build.Catch(&err, "csc: MLLISTA %q", cfg.Name)
	s := newStack("MLLISTA", cfg)
	build.Check(s.unbounded())
	n := &MLLISTA{stack: s}
	for i := range s.cfg.Banks {
		n.b = append(n.b, s.bank(i, "B%d", i+1))
		n.w = append(n.w, s.bank(i, "W%d", i+1))
		n.bias = append(n.bias, s.numbers(0, s.cfg.Banks[i].Filters, "b%d", i+1))
	}
	return n, nil
}

// NewAllFree returns a network with initial values drawn from cfg.Seed.
func NewAllFree(cfg Config) (_ *AllFree, err error) {
	defer build.Catch(&err, "csc: AllFree %q", cfg.Name)
	s := newStack("AllFree", cfg)
	build.Check(s.unbounded())
	build.Check(s.few())
	n := &AllFree{stack: s}
	for i := range s.cfg.Banks {
		var ws, bs []*nn.Param
		for k := range s.cfg.Unfoldings + 1 {
			ws = append(ws, s.bank(i, "W%d_%d", i+1, k+1))
			bs = append(bs, s.numbers(0, s.cfg.Banks[i].Filters, "b%d_%d", i+1, k+1))
		}
		n.w, n.b = append(n.w, ws), append(n.b, bs)
	}
	return n, nil
}

// unbounded reports a network that has no steps to bound.
func (s *stack) unbounded() error {
	if s.cfg.Bounded {
		return errors.New("Bounded is set, but the network has no steps c to bound")
	}
	return nil
}

// mostFree is how many weights the filters of an AllFree may have: eight times those of the
// paper's.
const mostFree = 1 << 25

// few reports a network of more weights than that.
func (s *stack) few() error {
	all := 0.0
	for i, b := range s.cfg.Banks {
		all += float64(s.cfg.Unfoldings+1) * float64(b.Filters) * float64(s.channels(i)) * float64(b.Kernel[0]) *
			float64(b.Kernel[1])
	}
	if all > mostFree {
		return errors.Errorf("%d banks of filters for each of %d layers have %.4g weights, want at most %d: use fewer "+
			"Unfoldings", s.cfg.Unfoldings+1, len(s.cfg.Banks), all, mostFree)
	}
	return nil
}

// Codes implements Coder.
func (n *MLLISTA) Codes(g *nn.Graph, x *gorgonia.Node) (codes gorgonia.Nodes, err error) {
	if n == nil || n.stack == nil {
		return nil, notMade("MLLISTA")
	}
	defer build.Catch(&err, "csc: %s %q", n.kind, n.cfg.Name)
	build.Check(n.check(x))
	var b, w, bias gorgonia.Nodes
	below := x
	for i := range n.b {
		b = append(b, build.Must(g.Bind(n.b[i])))
		w = append(w, build.Must(g.Bind(n.w[i])))
		bias = append(bias, n.vector(g, n.bias[i]))
		below = build.Must(nn.ReLU(n.analysis(i, below, b[i], bias[i])))
		codes = append(codes, below)
	}
	for range n.cfg.Unfoldings {
		for i := len(codes) - 1; i > 0; i-- {
			codes[i-1] = n.synthesis(i, codes[i], b[i], codes[i-1])
		}
		below := x
		for i, z := range codes {
			u := n.analysis(i, n.synthesis(i, z, w[i], below), w[i], nil)
			v := n.analysis(i, below, b[i], bias[i])
			below = build.Must(nn.ReLU(build.Must(nn.Add(build.Must(nn.Sub(z, u)), v))))
			codes[i] = below
		}
	}
	return codes, nil
}

// Codes implements Coder.
func (n *AllFree) Codes(g *nn.Graph, x *gorgonia.Node) (codes gorgonia.Nodes, err error) {
	if n == nil || n.stack == nil {
		return nil, notMade("AllFree")
	}
	defer build.Catch(&err, "csc: %s %q", n.kind, n.cfg.Name)
	build.Check(n.check(x))
	w := make([]*gorgonia.Node, len(n.w))
	below := x
	for i := range n.w {
		w[i] = build.Must(g.Bind(n.w[i][0]))
		below = build.Must(nn.ReLU(n.analysis(i, below, w[i], n.vector(g, n.b[i][0]))))
		codes = append(codes, below)
	}
	for k := 1; k <= n.cfg.Unfoldings; k++ {
		below := x
		for i, z := range codes {
			next, b := build.Must(g.Bind(n.w[i][k])), n.vector(g, n.b[i][k])
			r := build.Must(nn.Sub(n.synthesis(i, z, w[i], below), below))
			u := n.analysis(i, r, next, nil)
			below = n.rectified(build.Must(nn.Sub(z, u)), b)
			codes[i], w[i] = below, next
		}
	}
	return codes, nil
}
