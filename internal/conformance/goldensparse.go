package conformance

import (
	"math"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/sparse"
)

// goldenISTA is one LASSO: its constants, the first iterates of ISTA and FISTA and
// its solution.
func goldenISTA(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	p := r.Params
	a, err := p.matrix("A")
	if err != nil {
		return nil, err
	}
	y, err := p.Floats("y")
	if err != nil {
		return nil, err
	}
	var lambda, l, most, best float64
	if err := numbers(p, map[string]*float64{"lam": &lambda, "L": &l, "lambda_max": &most, "F_star": &best}); err != nil {
		return nil, err
	}
	star, err := p.Floats("x_star")
	if err != nil {
		return nil, err
	}
	op, err := sparse.NewMatrix(a)
	if err != nil {
		return nil, err
	}
	problem := sparse.Problem{A: op, X: mat.NewDense(1, len(y), y), Lambda: lambda}
	gotL, err := sparse.Lipschitz(op)
	if err != nil {
		return nil, err
	}
	gotMost, err := problem.LambdaMax()
	if err != nil {
		return nil, err
	}
	s, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 20000, Change: 1e-15}, Restart: sparse.GradientRestart}.Solve(problem)
	if err != nil {
		return nil, err
	}
	cs := []comparison{
		{"L", []float64{gotL}, []float64{l}}, {"lambda_max", gotMost, []float64{most}},
		{"F_star", s.Objective, []float64{best}}, {"x_star", s.Z.RawRowView(0), star},
	}
	for name, solver := range map[string]func(sparse.Stop, sparse.Watch) sparse.Solver{
		"ista_iter1to5":  func(s sparse.Stop, w sparse.Watch) sparse.Solver { return sparse.ISTA{Stop: s, Watch: w} },
		"fista_iter1to5": func(s sparse.Stop, w sparse.Watch) sparse.Solver { return sparse.FISTA{Stop: s, Watch: w} },
	} {
		want, err := p.matrix(name)
		if err != nil {
			return nil, err
		}
		got, err := iterates(problem, want, solver)
		if err != nil {
			return nil, err
		}
		cs = append(cs, comparison{name, got, mat.DenseCopyOf(want).RawMatrix().Data})
	}
	return cs, nil
}

// iterates returns the iterates 1, 2, … of a solver for one sample, as many as
// want has rows.
func iterates(p sparse.Problem, want *mat.Dense, solver func(sparse.Stop, sparse.Watch) sparse.Solver) (got []float64, err error) {
	rows, _ := want.Dims()
	_, err = solver(sparse.Stop{MaxIter: rows}, func(k int, z *mat.Dense) {
		if k > 0 {
			got = append(got, z.RawRowView(0)...)
		}
	}).Solve(p)
	return got, err
}

// goldenSupport is the soft threshold with support selection, for some q percent:
// what comes out, the index of the threshold, the threshold, how many pass.
func goldenSupport(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	v, err := r.Params.Floats("v")
	if err != nil {
		return nil, err
	}
	theta, err := r.Params.Float("theta", 0)
	if err != nil {
		return nil, err
	}
	type result struct {
		Index int `json:"order_index"`
		Thr   float64
		Kept  int
		Out   []float64
	}
	results, err := get[map[string]result](r.Params, "out", nil)
	if err != nil {
		return nil, err
	}
	var cs []comparison
	for name, want := range results {
		q, err := strconv.ParseFloat(name, 64)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		out, sorted := make([]float64, len(v)), make([]float64, len(v))
		sparse.SelectSupport(out, v, theta, q, sorted)
		index := sparse.SupportIndex(len(v), q)
		kept := 0.0
		for j := range v {
			if v[j] != 0 && out[j] == v[j] {
				kept++
			}
		}
		cs = append(cs,
			comparison{"out " + name, out, want.Out},
			comparison{"order_index " + name, []float64{float64(index)}, []float64{float64(want.Index)}},
			comparison{"thr " + name, []float64{sorted[index]}, []float64{want.Thr}},
			comparison{"kept " + name, []float64{kept}, []float64{float64(want.Kept)}},
		)
	}
	return cs, nil
}

// goldenALISTA is a dictionary with its weights of ALISTA, as the paper's code
// iterates, and layers of an untrained LISTA, which are iterates of ISTA.
func goldenALISTA(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	p := r.Params
	a, err := p.matrix("A")
	if err != nil {
		return nil, err
	}
	want, err := p.matrix("alista_W")
	if err != nil {
		return nil, err
	}
	layers, err := p.matrix("init_LISTA_layers1to4")
	if err != nil {
		return nil, err
	}
	b, err := p.Floats("b")
	if err != nil {
		return nil, err
	}
	diag, err := p.Floats("alista_diag")
	if err != nil {
		return nil, err
	}
	iters, err := get(p, "iters", 0)
	if err != nil {
		return nil, err
	}
	var l, theta, energy, gram float64
	err = numbers(p, map[string]*float64{"L_scaled": &l, "theta": &theta, "alista_offdiag_F2": &energy, "gram_offdiag_F2": &gram})
	if err != nil {
		return nil, err
	}
	w, err := sparse.ProjectedWeight(a, 0, 0, iters)
	if err != nil {
		return nil, err
	}
	exact, err := sparse.AnalyticWeight(a)
	if err != nil {
		return nil, err
	}
	op, err := sparse.NewMatrix(a)
	if err != nil {
		return nil, err
	}
	norm, err := sparse.Lipschitz(op)
	if err != nil {
		return nil, err
	}
	got, err := iterates(sparse.Problem{A: op, X: mat.NewDense(1, len(b), b), Lambda: theta * l}, layers,
		func(s sparse.Stop, watch sparse.Watch) sparse.Solver {
			return sparse.ISTA{Step: sparse.Step{L: l}, Stop: s, Watch: watch}
		})
	if err != nil {
		return nil, err
	}
	gotDiag, gotEnergy := products(w, a)
	_, gotGram := products(a, a)
	elements := func(m *mat.Dense) []float64 { return mat.DenseCopyOf(m).RawMatrix().Data }
	return []comparison{
		{"alista_W", elements(w), elements(want)}, {"alista_W, closed form", elements(exact), elements(want)},
		{"init_LISTA_layers1to4", got, elements(layers)}, {"L_scaled", []float64{1.001 * norm}, []float64{l}},
		{"theta", []float64{0.4 / (1.001 * norm)}, []float64{theta}}, {"alista_diag", gotDiag, diag},
		{"alista_offdiag_F2", []float64{gotEnergy}, []float64{energy}}, {"gram_offdiag_F2", []float64{gotGram}, []float64{gram}},
	}, nil
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
