package conformance

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/sparse"
)

// lasso is a solution of scikit-learn's Lasso or ElasticNet without an intercept,
// and its objective. With m rows of A, their alpha is λ/m:
//
//	½‖Az − x‖² + λ‖z‖₁ + μ/2 ‖z‖²,   λ = m·alpha·l1_ratio,  μ = m·alpha·(1 − l1_ratio)
//
// The case gives alpha, or λ as lambda_.
func lasso(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	a, err := r.matrix("A")
	if err != nil {
		return nil, err
	}
	x, err := r.matrix("X")
	if err != nil {
		return nil, err
	}
	want, err := r.tensor("Z_star")
	if err != nil {
		return nil, err
	}
	p, err := lassoProblem(r.Params, a, x)
	if err != nil {
		return nil, err
	}
	s, err := sparse.FISTA{
		Stop: sparse.Stop{MaxIter: 200_000, Change: 1e-15}, Restart: sparse.GradientRestart,
	}.Solve(p)
	if err != nil {
		return nil, err
	}
	cs := []comparison{{"Z_star", s.Z.RawMatrix().Data, want.Data}}
	if objective, ok := r.Tensors["objective"]; ok {
		cs = append(cs, comparison{"objective", s.Objective, objective.Data})
	}
	return cs, nil
}

// lassoProblem reads the settings of a case.
func lassoProblem(settings Params, a, x *mat.Dense) (p sparse.Problem, err error) {
	lambda, alpha, ratio := -1.0, -1.0, 1.0
	if err := numbers(settings, map[string]*float64{"lambda_": &lambda, "alpha": &alpha,
		"l1_ratio": &ratio}); err != nil {
		return p, err
	}
	positive, err := settings.Bool("positive")
	if err != nil {
		return p, err
	}
	intercept, err := settings.Bool("fit_intercept")
	if err != nil {
		return p, err
	}
	if intercept || ratio <= 0 || positive && ratio != 1 {
		return p, errors.Errorf("fit_intercept %v, l1_ratio %v, positive %v: not known together", intercept, ratio,
			positive)
	}
	if lambda < 0 {
		m, _ := a.Dims()
		lambda = alpha * float64(m)
	}
	op, err := sparse.NewMatrix(a)
	if err != nil {
		return p, err
	}
	p = sparse.Problem{A: op, X: x, Lambda: lambda * ratio}
	switch {
	case positive:
		p.Penalty = sparse.NonNegativeL1{}
	case ratio != 1:
		p.Penalty = sparse.ElasticNet{Mu: (1 - ratio) / ratio}
	}
	return p, nil
}

// matrix returns a tensor of two dimensions.
func (r *Reference) matrix(name string) (*mat.Dense, error) {
	t, err := r.tensor(name)
	if err != nil {
		return nil, err
	}
	if len(t.Shape) != 2 || len(t.Data) == 0 {
		return nil, errors.Errorf("conformance: %s: %s has shape %v, want a matrix", r.Name, name, t.Shape)
	}
	return mat.NewDense(t.Shape[0], t.Shape[1], append([]float64(nil), t.Data...)), nil
}
