package coding

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// An Optimum is the landscape of the regularised rate reduction
//
//	F(Z) = R(Z) − Rᶜ(Z, y) − λ/2 ‖Z‖_F²
//
// for given class sizes n_j: all of its local maxima have a closed form. For 0 < λ ≤ MaxLambda, Z is one exactly if
// the features of each class are
//
//	Z_j = σ_j V_jU_jᵀ    σ_j² = (η_j + √(η_j² − 4λ²n/n_j)) / (2λα_j)    η_j = α_j − α − λ(n/n_j + 1)
//
// with orthonormal columns V_j, n_j×r_j, and U_j, d×r_j, and U_iᵀU_j = 0: classes
// fill orthogonal subspaces with equal singular values. Every other critical point
// is a strict saddle. All ranks r_j ≤ n_j with Σr_j ≤ min(n, d) occur, 0 for all
// among them. Each rank of class j adds its gain to F,
//
//	½log(1 + ασ_j²) − n_j/(2n)·log(1 + α_jσ_j²) − λ/2 σ_j²
//
// which is larger for smaller classes: F is greatest if ranks are given to the smallest classes first, up to min(n,
// d) in total.
//
// The theorem, as it is quoted, has them always add up to min(n, d). But as λ nears MaxLambda the gain of the largest
// class falls below 0 (at MaxLambda its σ is a double root, an inflection, and F only falls from Z = 0 on), and then
// F is greater without it. A class has rank 0 if its gain is not above 0.
//
// losses.MCR2 has the seed's λ‖Z‖_F²: its Lambda is half of this λ.
//
// Reference: Wang, Liu, Pai, Yu, Zhu, Qu, Ma. A global geometric analysis of
// maximal coding rate reduction. ICML 2024, theorems 1 and 2.
type Optimum struct {
	Sigma []float64 // σ_j, the singular values of the features of each class
	Gain  []float64 // what each rank of class j adds to F, in nats; below 0 for large λ
	Ranks []int     // r_j of a global maximum
	Max   float64   // F there, in nats
	sizes []int
	d     int
}

// MaxLambda returns the largest λ for which Optimum holds,
//
//	d(√(n/n_max) − 1) / (n(√(n/n_max) + 1)ε²)
//
// for features in R^d and classes of the given sizes. It is 0 for one class.
//
// Errors: ErrInput for a dimension, sizes or an ε² that make no sense.
func MaxLambda(d int, sizes []int, eps2 float64) (float64, error) {
	if d < 1 || len(sizes) == 0 || slices.Min(sizes) < 1 || !(eps2 > 0) || math.IsInf(eps2, 1) {
		return 0, errors.Wrapf(ErrInput, "regularised rate reduction: dimension %d, classes of %v samples, ε² %v; "+
			"want at least 1 of each, and a finite ε² above 0", d, sizes, eps2)
	}
	n := float64(total(sizes))
	q := math.Sqrt(n / float64(slices.Max(sizes)))
	return float64(d) * (q - 1) / (n * (q + 1) * eps2), nil
}

// RegularizedOptimum returns the maxima of F for features in R^d and classes of
// the given sizes. Errors: as MaxLambda; λ beyond it.
func RegularizedOptimum(d int, sizes []int, eps2, lambda float64) (*Optimum, error) {
	most, err := MaxLambda(d, sizes, eps2)
	if err != nil {
		return nil, err
	}
	if !(lambda > 0 && lambda <= most*(1+1e-12)) {
		return nil, errors.Wrapf(ErrInput, "regularised rate reduction: λ is %v, want it in (0, %v]", lambda, most)
	}
	k, n := len(sizes), float64(total(sizes))
	a := alpha(d, n, eps2)
	o := &Optimum{Sigma: make([]float64, k), Gain: make([]float64, k), Ranks: make([]int, k),
		sizes: slices.Clone(sizes), d: d}
	for j, nj := range sizes {
		aj, share := alpha(d, float64(nj), eps2), float64(nj)/n
		eta := aj - a - lambda*(1/share+1)
		s2 := (eta + math.Sqrt(max(0, eta*eta-4*lambda*lambda/share))) / (2 * lambda * aj)
		o.Sigma[j] = math.Sqrt(s2)
		o.Gain[j] = math.Log1p(a*s2)/2 - share/2*math.Log1p(aj*s2) - lambda/2*s2
	}
	bySize := firsts(k)
	slices.SortStableFunc(bySize, func(i, j int) int { return sizes[i] - sizes[j] })
	left := min(d, total(sizes))
	for _, j := range bySize {
		if o.Gain[j] > 0 {
			o.Ranks[j] = min(left, sizes[j])
			left -= o.Ranks[j]
		}
	}
	o.Max, err = o.Value(o.Ranks)
	return o, err
}

// Value returns F, in nats, at the maxima where the classes have the given ranks.
// Errors: ErrInput for ranks that no features have.
func (o *Optimum) Value(ranks []int) (float64, error) {
	if o == nil || len(o.Gain) != len(o.sizes) {
		return 0, errors.Wrap(ErrInput, "regularised rate reduction: no optimum: take it from RegularizedOptimum")
	}
	if len(ranks) != len(o.sizes) {
		return 0, errors.Wrapf(ErrInput, "regularised rate reduction: %d ranks for %d classes, want one for each",
			len(ranks), len(o.sizes))
	}
	f := 0.0
	for j, r := range ranks {
		if r < 0 || r > o.sizes[j] {
			return 0, errors.Wrapf(ErrInput, "regularised rate reduction: rank %d of class %d of %d samples, want "+
				"it at least 0 and at most the samples", r, j, o.sizes[j])
		}
		f += float64(r) * o.Gain[j]
	}
	if sum := total(ranks); sum > o.d {
		return 0, errors.Wrapf(ErrInput,
			"regularised rate reduction: ranks %v add up to %d in dimension %d, want at most that", ranks, sum, o.d)
	}
	return f, nil
}

func total(v []int) (sum int) {
	for _, x := range v {
		sum += x
	}
	return sum
}
