package conformance

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn/prox"
	"github.com/whitebox-nn/whitebox/sparse"
)

// exact returns a solver that goes on until nothing moves.
func exact(iterations int) sparse.Solver {
	return sparse.FISTA{Stop: sparse.Stop{MaxIter: iterations, Change: 1e-15}, Restart: sparse.GradientRestart}
}

// lasso is a solution of scikit-learn's Lasso or ElasticNet without an intercept,
// and its objective. With m rows of A, their alpha is λ/m:
//
//	½‖Az − x‖² + λ‖z‖₁ + μ/2 ‖z‖²,   λ = m·alpha·l1_ratio,  μ = m·alpha·(1 − l1_ratio)
//
// The case gives alpha, or λ as lambda_.
func lasso(b *bench) {
	a, positive, ratio := b.matrix("A"), b.flag(false, "positive"), b.number(1, "l1_ratio")
	if intercept := b.flag(false, "fit_intercept"); intercept || ratio <= 0 || positive && ratio != 1 {
		fail("fit_intercept %v, l1_ratio %v, positive %v: not known together", intercept, ratio, positive)
	}
	m, _ := a.Dims()
	p := sparse.Problem{A: must(sparse.NewMatrix(a)), X: b.matrix("X"),
		Lambda: b.number(b.number(-1, "alpha")*float64(m), "lambda_") * ratio}
	switch {
	case positive:
		p.Penalty = sparse.NonNegativeL1{}
	case ratio != 1:
		p.Penalty = sparse.ElasticNet{Mu: (1 - ratio) / ratio}
	}
	s := must(exact(200_000).Solve(p))
	b.equal("Z_star", s.Z.RawMatrix().Data...)
	b.expect("objective", s.Objective...)
}

// problem returns the LASSO of one sample, and ‖A‖².
func (b *bench) problem(sample string, lambda float64) (p sparse.Problem, lipschitz float64) {
	a, x := must(sparse.NewMatrix(b.matrix("A"))), b.tensor(sample).Data
	return sparse.Problem{A: a, X: mat.NewDense(1, len(x), x), Lambda: lambda}, must(sparse.Lipschitz(a))
}

// goldenISTA is one LASSO: its constants, the first iterates of ISTA and FISTA and its
// solution.
func goldenISTA(b *bench) {
	p, l := b.problem("y", b.number(0, "lam"))
	s := must(exact(20_000).Solve(p))
	b.equal("L", l)
	b.equal("lambda_max", must(p.LambdaMax())...)
	b.equal("F_star", s.Objective...)
	b.equal("x_star", s.Z.RawRowView(0)...)
	b.iterates("ista_iter1to5", p, func(s sparse.Stop, c sparse.Callback) sparse.Solver {
		return sparse.ISTA{Stop: s, Callback: c}
	})
	b.iterates("fista_iter1to5", p, func(s sparse.Stop, c sparse.Callback) sparse.Solver {
		return sparse.FISTA{Stop: s, Callback: c}
	})
}

// iterates compares the iterates 1, 2, … of a solver for one sample, as many as the
// tensor has rows.
func (b *bench) iterates(name string, p sparse.Problem, solver func(sparse.Stop, sparse.Callback) sparse.Solver) {
	rows, _ := b.matrix(name).Dims()
	var got []float64
	must(solver(sparse.Stop{MaxIter: rows}, func(k int, z *mat.Dense) {
		if k > 0 {
			got = append(got, z.RawRowView(0)...)
		}
	}).Solve(p))
	b.equal(name, got...)
}

// goldenSupport is the soft threshold with support selection, for some q percent, by
// package sparse and on a graph.
func goldenSupport(b *bench) {
	v, theta := b.tensor("v").Data, b.number(math.NaN(), "theta")
	sorted := make([]float64, len(v))
	for name, want := range setting(b.Reference, map[string]struct {
		Index float64 `json:"order_index"`
		Thr   float64
		Kept  float64
		Out   []float64
	}{}, "out") {
		var q float64
		must(fmt.Sscan(name, &q))
		out := make([]float64, len(v))
		sparse.SelectSupport(out, v, theta, q, sorted)
		index, kept := sparse.SupportIndex(len(v), q), 0.0
		for j := range v {
			if v[j] != 0 && out[j] == v[j] {
				kept++
			}
		}
		x, t := b.fixed("v "+name, v, 1, len(v)), b.fixed("theta "+name, []float64{theta}, 1)
		onGraph, _ := b.run(nil, must(prox.Select(x, t, q)))
		b.found = append(b.found, comparison{"out " + name, out, want.Out},
			comparison{"graph " + name, onGraph[0], want.Out},
			comparison{"order_index " + name, []float64{float64(index)}, []float64{want.Index}},
			comparison{"thr " + name, []float64{sorted[index]}, []float64{want.Thr}},
			comparison{"kept " + name, []float64{kept}, []float64{want.Kept}})
	}
}

// goldenLISTA is a dictionary with its weight of ALISTA, as the paper's code iterates
// and in closed form, and layers of an untrained LISTA, which are iterates of ISTA.
func goldenLISTA(b *bench) {
	a, w := b.matrix("A"), b.tensor("alista_W").Data
	projected := must(sparse.ProjectedWeight(a, 0, 0, b.whole(0, "iters")))
	b.equal("alista_W", elements(projected)...)
	b.found = append(b.found, comparison{"alista_W, closed form", elements(must(sparse.AnalyticWeight(a))), w})
	diag, energy := products(projected, a)
	_, gram := products(a, a)
	b.equal("alista_diag", diag...)
	b.equal("alista_offdiag_F2", energy)
	b.equal("gram_offdiag_F2", gram)

	const codes = "init_LISTA_layers1to4"
	scale, theta := b.number(math.NaN(), "L_scaled"), b.number(math.NaN(), "theta")
	p, norm := b.problem("b", theta*scale)
	b.equal("L_scaled", 1.001*norm)
	b.equal("theta", 0.4/(1.001*norm))
	b.iterates(codes, p, func(s sparse.Stop, c sparse.Callback) sparse.Solver {
		return sparse.ISTA{Step: sparse.Step{L: scale}, Stop: s, Callback: c}
	})
	depth, _ := b.matrix(codes).Dims()
	net, err := layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{
		Name: "net", A: a, Layers: depth, Lambda: theta * scale, Scale: scale, Dtype: b.dt}})
	build.Check(err)
	x := b.tensor("b").Data
	zs, _ := b.run(nil, must(net.Iterate(b.g, b.fixed("x", x, 1, len(x)), depth))...)
	for i, z := range zs {
		b.found = append(b.found, comparison{fmt.Sprint("layer ", i+1), z, b.matrix(codes).RawRowView(i)})
	}
}

// products returns the diagonal of WᵀA and the energy beside it.
func products(w, a *mat.Dense) (diag []float64, beside float64) {
	var c mat.Dense
	c.Mul(w.T(), a)
	n, _ := c.Dims()
	for i := range n {
		diag = append(diag, c.At(i, i))
		c.Set(i, i, 0)
	}
	return diag, math.Pow(mat.Norm(&c, 2), 2)
}
