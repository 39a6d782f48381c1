package sparse

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Tune returns s with the α whose codes of the samples x have the smallest NMSE to the true codes z, and that NMSE,
// in dB: a fair comparison with AMP uses this α. The best α depends on the density of the codes, on m/n and on the
// noise; samples to tune on are not those to compare on.
//
// Of alphas, each is tried; nil is 0.8, 0.9, …, 2.4. An α with which AMP diverges is
// passed over. Shapes: x B×m, z B×n.
//
// Errors: ErrInput, also for an α that is not above 0; ErrDiverged if AMP does with all.
// Cost: a Solve for each α.
func (s AMP) Tune(a Operator, x, z *mat.Dense, alphas []float64) (best AMP, nmse float64, err error) {
	best, nmse, err = s.tune(a, x, z, alphas)
	return best, nmse, errors.WithMessage(err, "sparse: tune AMP")
}

func (s AMP) tune(a Operator, x, z *mat.Dense, alphas []float64) (best AMP, nmse float64, err error) {
	if len(alphas) == 0 {
		for k := range 17 {
			alphas = append(alphas, 0.8+0.1*float64(k))
		}
	}
	nmse = math.Inf(1)
	for _, alpha := range alphas {
		if !(alpha > 0) {
			return s, 0, errors.Wrapf(ErrInput, "α is %v, want it above 0", alpha)
		}
		s.Alpha = alpha
		codes, err := s.solve(a, x)
		if errors.Is(err, ErrDiverged) {
			continue
		}
		if err != nil {
			return s, 0, err
		}
		v, err := NMSE(codes, z)
		if err != nil {
			return s, 0, err
		}
		if v < nmse {
			best, nmse = s, v
		}
	}
	if best.Alpha == 0 {
		return s, 0, errors.Wrapf(ErrDiverged, "with each of %d α, from %v to %v", len(alphas), alphas[0],
			alphas[len(alphas)-1])
	}
	return best, nmse, nil
}
