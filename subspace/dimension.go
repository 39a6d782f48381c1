package subspace

import (
	"math"

	"github.com/pkg/errors"
)

// EnergyDim returns the least number of the leading variances that hold the given
// share of their sum; 0 is 0.95. It is at least 1.
//
// Errors: ErrInput for a share beyond (0, 1], or variances that do not descend.
func EnergyDim(variances []float64, share float64) (int, error) {
	if share == 0 {
		share = 0.95
	}
	if !(share > 0 && share <= 1) {
		return 0, errors.Wrapf(ErrInput, "a share of %v of the energy, want it in (0, 1]", share)
	}
	if err := descending(variances); err != nil {
		return 0, err
	}
	total, sum := 0.0, 0.0
	for _, v := range variances {
		total += v
	}
	for r, v := range variances {
		if sum += v; sum >= share*total*(1-1e-12) {
			return r + 1, nil
		}
	}
	return len(variances), nil
}

// WaxKailath returns the number of directions r of which samples say that they
// vary in more than noise, that is alike in all d directions. With the variances
// l_1 ≥ … ≥ l_d of n samples about their mean, it is the r from 0 to d−1 with the least
//
//	−log-likelihood + penalty = n(d−r)/2 · log(A_r/G_r) + w·(1 + r(2d−r+1)/2)
//
// where A_r and G_r are the arithmetic and the geometric mean of l_{r+1}, …, l_d, and w
// is ½log n for ByMDL, 1 for ByAIC. If some variances are 0 there is no noise: r is
// the number of the others.
//
// Errors: ErrInput for another rule, fewer samples than directions or variances
// that do not descend.
//
// Reference: Wax, Kailath. Detection of signals by information theoretic criteria.
// IEEE TASSP 33, 1985; ours counts the parameters of real samples, theirs of complex
// ones.
func WaxKailath(variances []float64, n int, rule Rule) (int, error) {
	w := 1.0
	switch rule {
	case ByAIC:
	case ByMDL:
		w = math.Log(float64(n)) / 2
	default:
		return 0, errors.Wrapf(ErrInput, "rule %d is not of Wax and Kailath, want ByMDL or ByAIC", rule)
	}
	if err := descending(variances); err != nil {
		return 0, err
	}
	d := len(variances)
	if n <= d {
		return 0, errors.Wrapf(ErrInput, "Wax–Kailath: %d samples of %d features, want more samples than features", n,
			d)
	}
	const zero = 1e-13 // of the greatest variance: what rounding leaves
	if variances[0] == 0 || variances[d-1] <= zero*variances[0] {
		r := 0
		for r < d && variances[r] > zero*variances[0] {
			r++
		}
		return r, nil
	}
	best, at := math.Inf(1), 0
	for r := range d {
		sum, logs := 0.0, 0.0
		for _, l := range variances[r:] {
			sum, logs = sum+l, logs+math.Log(l)
		}
		m := float64(d - r)
		score := float64(n)/2*(m*math.Log(sum/m)-logs) + w*(1+float64(r*(2*d-r+1))/2)
		if score < best {
			best, at = score, r
		}
	}
	return at, nil
}

func descending(variances []float64) error {
	if len(variances) == 0 {
		return errors.Wrap(ErrInput, "no variances")
	}
	for i, v := range variances {
		if !(v >= 0) || math.IsInf(v, 1) || i > 0 && v > variances[i-1] {
			return errors.Wrapf(ErrInput, "variance %d is %v, want them descending and at least 0", i, v)
		}
	}
	return nil
}
