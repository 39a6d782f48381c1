package losses

import (
	"cmp"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/codingrate"
)

// MCR2 is the negated maximal coding rate reduction, as its authors train it:
//
//	Rᶜ(Z, Π) − γ₂ ½ logdet(I + γ₁ α ZᵀZ) + λ‖Z‖_F²        α = d/(n ε²)
//
// With γ₁ = γ₂ = 1 and λ = 0 it is −ΔR = Rᶜ(Z, Π) − R(Z), which is least where
// the classes span subspaces that are each as small, and together as large, as
// can be. Rates are in nats.
//
// Shapes: out is Z, n×d, one sample a row. target is the labels, n, integers from
// 0 to Classes−1, or the memberships Π, n×k, with rows that sum to 1. Rows of Z
// are meant to have norm 1 (nn.Normalize): without that or λ > 0 the loss has no
// lower bound.
//
// Probes: R, Rc and delta_R, all with γ₁ = γ₂ = 1 and λ = 0, so that they compare
// across settings (the authors' "theoretical" losses).
//
// Errors: when the graph is built, a hyper-parameter out of range or hard labels
// without Classes; at the run, those of codingrate.ClassRate.
//
// Reference: Yu, Chan, You, Song, Ma. Learning diverse and discriminative
// representations via the principle of maximal coding rate reduction. NeurIPS
// 2020, eq. 8 and 11; their code calls ε² eps. The regularised form is that of
// Wang et al., Understanding the landscape of the MCR² problem, 2024, who write
// λ/2 for our λ.
type MCR2 struct {
	Classes int     // k; needed for hard labels, ignored for memberships
	Eps2    float64 // ε², the distortion squared; 0 is 0.5
	Gamma1  float64 // γ₁, which scales α in the expansion; 0 is 1
	Gamma2  float64 // γ₂, the weight of the expansion; 0 is 1
	Lambda  float64 // λ, the weight of ‖Z‖_F²; 0 or above
	Name    string  // prefix of the probes, for several in one graph
}

var _ Loss = MCR2{}

// Loss implements Loss.
func (l MCR2) Loss(g *nn.Graph, out, target *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: MCR2")
	l.Eps2, l.Gamma1, l.Gamma2 = cmp.Or(l.Eps2, 0.5), cmp.Or(l.Gamma1, 1), cmp.Or(l.Gamma2, 1)
	if err := l.check(target); err != nil {
		return nil, err
	}
	expand := build.Must(codingrate.Rate(out, l.Eps2))
	compress := build.Must(l.compress(out, target))
	reduction := build.Must(nn.Sub(expand, compress))
	for _, p := range []struct {
		name string
		node *gorgonia.Node
	}{{"R", expand}, {"Rc", compress}, {"delta_R", reduction}} {
		build.Check(g.Probe(named(l.Name, p.name), p.node))
	}

	if l.Gamma1 != 1 {
		expand = build.Must(codingrate.Rate(out, l.Eps2/l.Gamma1)) // γ₁α = d/(n ε²/γ₁)
	}
	if l.Gamma2 != 1 {
		expand = build.Must(nn.Scale(expand, l.Gamma2))
	}
	loss = build.Must(nn.Sub(compress, expand))
	if l.Lambda != 0 {
		norm := build.Must(nn.Scale(build.Must(nn.SumSquares(out)), l.Lambda))
		loss = build.Must(nn.Add(loss, norm))
	}
	return loss, nil
}

// compress returns Rᶜ for labels or memberships, whichever target is.
func (l MCR2) compress(out, target *gorgonia.Node) (*gorgonia.Node, error) {
	if target.Dims() == 2 {
		return codingrate.SoftClassRate(out, target, l.Eps2)
	}
	return codingrate.ClassRate(out, target, l.Classes, l.Eps2)
}

func (l MCR2) check(target *gorgonia.Node) error {
	rank := build.Rank(target)
	if rank < 0 {
		return errors.New("no target: labels n or memberships n×k")
	}
	if rank == 1 && l.Classes < 1 {
		return errors.Errorf("%d Classes for hard labels: say how many there are", l.Classes)
	}
	for _, h := range []struct {
		name  string
		value float64
	}{{"Eps2", l.Eps2}, {"Gamma1", l.Gamma1}, {"Gamma2", l.Gamma2}} {
		if !(h.value > 0) || !matrix.Finite(h.value) {
			return errors.Errorf("%s is %v, want it above 0", h.name, h.value)
		}
	}
	if l.Lambda < 0 || !matrix.Finite(l.Lambda) {
		return errors.Errorf("Lambda is %v, want it 0 or above", l.Lambda)
	}
	return nil
}
