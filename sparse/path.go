package sparse

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/given"
)

// Path solves a problem for each λ in turn, from the codes of the one before: with falling λ, few iterations each.
// p.Lambda is ignored; p.Relative says whether lambdas are shares of λ_max.
//
// Errors: ErrInput for no λ, or λ that do not fall; the solver's.
func Path(s Solver, p Problem, lambdas []float64) ([]*Solution, error) {
	if given.Nil(s) {
		return nil, errors.Wrap(ErrInput, "sparse: path: no solver")
	}
	if len(lambdas) == 0 {
		return nil, errors.Wrap(ErrInput, "sparse: path: no λ")
	}
	path := make([]*Solution, len(lambdas))
	for i, lambda := range lambdas {
		if i > 0 && !(lambda < lambdas[i-1]) {
			return nil, errors.Wrapf(ErrInput, "sparse: path: λ %d is %v after %v, want them to fall", i, lambda,
				lambdas[i-1])
		}
		p.Lambda = lambda
		var err error
		if path[i], err = s.Solve(p); err != nil {
			return nil, errors.WithMessagef(err, "sparse: path: λ = %v", lambda)
		}
		p.Start = path[i].Z
	}
	return path, nil
}
