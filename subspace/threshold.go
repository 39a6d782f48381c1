package subspace

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
)

// HardThreshold returns how many singular values of an n×d matrix of low rank with white noise of
// unknown size to keep, so that the error of what is kept is least as n and d grow: those above
//
//	ω(β)·median(σ)    ω(β) = λ(β)/√μ_β    λ(β)² = 2(β + 1) + 8β/(β + 1 + √(β² + 14β + 1))
//
// with β = min(n, d)/max(n, d) and μ_β the median of the law of Marchenko and Pastur. The variances are min(n, d)
// multiples of σ². It is 0 if all are noise, and never more than half of them.
//
// Errors: ErrInput for sizes that do not fit, or variances that do not descend.
//
// Reference: Gavish, Donoho. The optimal hard threshold for singular values is 4/√3. IEEE TIT 60,
// 2014.
func HardThreshold(variances []float64, n, d int) (int, error) {
	if err := descending(variances); err != nil {
		return 0, err
	}
	if n < 1 || d < 1 || len(variances) != min(n, d) {
		return 0, errors.Wrapf(ErrInput, "hard threshold: %d variances of an %d×%d matrix, want %d", len(variances), n,
			d, min(n, d))
	}
	beta := float64(min(n, d)) / float64(max(n, d))
	lambda2 := 2*(beta+1) + 8*beta/(beta+1+math.Sqrt(beta*beta+14*beta+1))
	middle := (math.Sqrt(variances[len(variances)/2]) + math.Sqrt(variances[(len(variances)-1)/2])) / 2
	least := lambda2 / marchenkoPasturMedian(beta) * middle * middle
	return slices.IndexFunc(append(slices.Clone(variances), -1), func(v float64) bool { return v <= least }), nil
}

// marchenkoPasturMedian returns the median of the law of the eigenvalues of XᵀX/max(n, d) of white
// noise,
//
//	√((b − x)(x − a))/(2πβx)    a = (1 − √β)², b = (1 + √β)²
//
// by the midpoint rule in θ of x = (a + b)/2 − (b − a)/2·cos θ, where it is smooth.
func marchenkoPasturMedian(beta float64) float64 {
	const parts = 1 << 14
	half, centre := 2*math.Sqrt(beta), 1+beta
	at := func(theta float64) float64 { return centre - half*math.Cos(theta) }
	sum, step := 0.0, math.Pi/parts
	for i := range parts {
		theta := (float64(i) + 0.5) * step
		root := half * math.Sin(theta)
		more := root * root / (2 * math.Pi * beta * at(theta)) * step
		if sum+more >= 0.5 {
			return at((float64(i) + (0.5-sum)/more) * step)
		}
		sum += more
	}
	return at(math.Pi)
}

// ProfileLikelihood returns the number of the leading variances before the gap in them: the q from 1
// on such that the first q and the others, each normal about their mean with one common variance, are the
// likeliest. At least two variances are needed; equal ones have no gap, and give 1.
//
// Errors: ErrInput for fewer, or variances that do not descend.
//
// Reference: Zhu, Ghodsi. Automatic dimensionality selection from the scree plot via the use of profile
// likelihood. Computational Statistics & Data Analysis 51, 2006.
func ProfileLikelihood(variances []float64) (int, error) {
	if err := descending(variances); err != nil {
		return 0, err
	}
	p := len(variances)
	if p < 2 {
		return 0, errors.Wrapf(ErrInput, "profile likelihood of %d variance, want at least 2", p)
	}
	scatter := func(v []float64) (sum float64) {
		mean := floats.Sum(v) / float64(len(v))
		for _, x := range v {
			sum += (x - mean) * (x - mean)
		}
		return sum
	}
	// With the common variance that is the likeliest, the likelihood falls with the scatter alone.
	best, at := math.Inf(1), 1
	for q := 1; q < p; q++ {
		if s := scatter(variances[:q]) + scatter(variances[q:]); s < best*(1-1e-12) {
			best, at = s, q
		}
	}
	return at, nil
}
