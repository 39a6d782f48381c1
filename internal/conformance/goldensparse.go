package conformance

import (
	"math"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/sparse"
)

// An istaCase is one LASSO: its constants, the first iterates of ISTA and FISTA and
// its solution.
type istaCase struct {
	A      matrix
	Y      []float64
	Lambda float64   `json:"lam"`
	L      float64   `json:"L"`
	Most   float64   `json:"lambda_max"`
	Least  float64   `json:"F_star"`
	Star   []float64 `json:"x_star"`
	ISTA   matrix    `json:"ista_iter1to5"`
	FISTA  matrix    `json:"fista_iter1to5"`
}

// goldenISTA compares them with package sparse.
func goldenISTA(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	c, err := decode[istaCase](r.Params)
	if err != nil {
		return nil, err
	}
	op, err := sparse.NewMatrix(c.A.Dense)
	if err != nil {
		return nil, err
	}
	problem := sparse.Problem{A: op, X: mat.NewDense(1, len(c.Y), c.Y), Lambda: c.Lambda}
	l, err := sparse.Lipschitz(op)
	if err != nil {
		return nil, err
	}
	most, err := problem.LambdaMax()
	if err != nil {
		return nil, err
	}
	s, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 20000, Change: 1e-15},
		Restart: sparse.GradientRestart}.Solve(problem)
	if err != nil {
		return nil, err
	}
	ista, err := iterates(problem, c.ISTA.Dense, func(s sparse.Stop, w sparse.Callback) sparse.Solver {
		return sparse.ISTA{Stop: s, Callback: w}
	})
	if err != nil {
		return nil, err
	}
	fista, err := iterates(problem, c.FISTA.Dense, func(s sparse.Stop, w sparse.Callback) sparse.Solver {
		return sparse.FISTA{Stop: s, Callback: w}
	})
	return []comparison{
		{"L", []float64{l}, []float64{c.L}}, {"lambda_max", most, []float64{c.Most}},
		{"F_star", s.Objective, []float64{c.Least}}, {"x_star", s.Z.RawRowView(0), c.Star},
		{"ista_iter1to5", ista, elements(c.ISTA.Dense)}, {"fista_iter1to5", fista, elements(c.FISTA.Dense)},
	}, err
}

// iterates returns the iterates 1, 2, … of a solver for one sample, as many as
// want has rows.
func iterates(
	p sparse.Problem, want *mat.Dense, solver func(sparse.Stop, sparse.Callback) sparse.Solver,
) (got []float64, err error) {
	rows, _ := want.Dims()
	_, err = solver(sparse.Stop{MaxIter: rows}, func(k int, z *mat.Dense) {
		if k > 0 {
			got = append(got, z.RawRowView(0)...)
		}
	}).Solve(p)
	return got, err
}

// goldenSupport is the soft threshold with support selection, for some q percent.
func goldenSupport(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	v, err := r.Params.Floats("v")
	if err != nil {
		return nil, err
	}
	theta, err := r.Params.Float("theta", 0)
	if err != nil {
		return nil, err
	}
	results, err := get[map[string]selection](r.Params, "out", nil)
	if err != nil {
		return nil, err
	}
	var cs []comparison
	for name, want := range results {
		q, err := strconv.ParseFloat(name, 64)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		cs = append(cs, want.compare(name, v, theta, q)...)
	}
	return cs, nil
}

// A selection is what comes out for one q: the index of the threshold, the threshold,
// how many pass, the vector.
type selection struct {
	Index int `json:"order_index"`
	Thr   float64
	Kept  int
	Out   []float64
}

func (want selection) compare(name string, v []float64, theta, q float64) []comparison {
	out, sorted := make([]float64, len(v)), make([]float64, len(v))
	sparse.SelectSupport(out, v, theta, q, sorted)
	index := sparse.SupportIndex(len(v), q)
	kept := 0.0
	for j := range v {
		if v[j] != 0 && out[j] == v[j] {
			kept++
		}
	}
	return []comparison{
		{"out " + name, out, want.Out},
		{"order_index " + name, []float64{float64(index)}, []float64{float64(want.Index)}},
		{"thr " + name, []float64{sorted[index]}, []float64{want.Thr}},
		{"kept " + name, []float64{kept}, []float64{float64(want.Kept)}},
	}
}

// An alistaCase is a dictionary with its weight of ALISTA, as the paper's code
// iterates, and layers of an untrained LISTA, which are iterates of ISTA.
type alistaCase struct {
	A      matrix
	W      matrix    `json:"alista_W"`
	Diag   []float64 `json:"alista_diag"`
	Energy float64   `json:"alista_offdiag_F2"`
	Gram   float64   `json:"gram_offdiag_F2"`
	Iters  int       `json:"iters"`
	B      []float64 `json:"b"`
	L      float64   `json:"L_scaled"`
	Theta  float64   `json:"theta"`
	Layers matrix    `json:"init_LISTA_layers1to4"`
}

// goldenALISTA compares them with package sparse.
func goldenALISTA(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	c, err := decode[alistaCase](r.Params)
	if err != nil {
		return nil, err
	}
	weights, err := c.weights()
	if err != nil {
		return nil, err
	}
	layers, err := c.layers()
	return append(weights, layers...), err
}

// weights compares the weight: by the paper's iteration and in closed form.
func (c *alistaCase) weights() ([]comparison, error) {
	a := c.A.Dense
	w, err := sparse.ProjectedWeight(a, 0, 0, c.Iters)
	if err != nil {
		return nil, err
	}
	exact, err := sparse.AnalyticWeight(a)
	if err != nil {
		return nil, err
	}
	diag, energy := products(w, a)
	_, gram := products(a, a)
	return []comparison{
		{"alista_W", elements(w), elements(c.W.Dense)}, {"alista_W, closed form", elements(exact), elements(c.W.Dense)},
		{"alista_diag", diag, c.Diag},
		{"alista_offdiag_F2", []float64{energy}, []float64{c.Energy}}, {"gram_offdiag_F2", []float64{gram},
			[]float64{c.Gram}},
	}, nil
}

// layers compares the iterates of ISTA, its step and its threshold.
func (c *alistaCase) layers() ([]comparison, error) {
	op, err := sparse.NewMatrix(c.A.Dense)
	if err != nil {
		return nil, err
	}
	norm, err := sparse.Lipschitz(op)
	if err != nil {
		return nil, err
	}
	got, err := iterates(sparse.Problem{A: op, X: mat.NewDense(1, len(c.B), c.B), Lambda: c.Theta * c.L},
		c.Layers.Dense,
		func(s sparse.Stop, watch sparse.Callback) sparse.Solver {
			return sparse.ISTA{Step: sparse.Step{L: c.L}, Stop: s, Callback: watch}
		})
	return []comparison{
		{"init_LISTA_layers1to4", got, elements(c.Layers.Dense)}, {"L_scaled", []float64{1.001 * norm}, []float64{c.L}},
		{"theta", []float64{0.4 / (1.001 * norm)}, []float64{c.Theta}},
	}, err
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
