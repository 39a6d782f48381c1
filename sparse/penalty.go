package sparse

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/matrix"
)

// A Penalty is a function g of vectors with its proximal operator,
//
//	prox_{τg}(v) = argmin_u τ g(u) + ½‖u − v‖².
type Penalty interface {
	// Check reports what makes g unfit for vectors of length n.
	Check(n int) error
	// Value returns g(u): +Inf outside of a set.
	Value(u []float64) float64
	// Prox stores prox_{τg}(v) in dst, which may be v.
	Prox(dst, v []float64, tau float64)
}

// A Gauge is a Penalty with g(c·u) = c·g(u) for c ≥ 0. It has a polar,
//
//	g°(c) = max { ⟨c, u⟩ : g(u) ≤ 1 },
//
// which for a norm is the dual norm. λ_max of a sample is g°(Aᵀx), and the
// duality gap is known.
type Gauge interface {
	Penalty
	Polar(c []float64) float64
}

// SoftThreshold moves v towards zero by theta, where it stops, and stores it in
// dst, which may be v:
//
//	S_θ(v) = sign(v) max(|v| − θ, 0)
//
// It is the proximal operator of θ‖·‖₁. NaN stays NaN.
func SoftThreshold(dst, v []float64, theta float64) {
	if !fits(dst, len(v), true) {
		return
	}
	for i, x := range v {
		dst[i] = soft(x, theta)
	}
}

// soft is SoftThreshold of one number.
func soft(v, theta float64) float64 {
	switch {
	case v > theta:
		return v - theta
	case v < -theta:
		return v + theta
	}
	return v - v // 0, not −0; NaN stays
}

// L1 is ‖u‖₁, or Σ wⱼ|uⱼ| with weights. Its prox is the soft threshold.
type L1 struct {
	Weights []float64 // wⱼ ≥ 0; nil is 1 each. A coefficient of weight 0 is not penalised
}

// Check implements Penalty.
func (g L1) Check(n int) error { return checkWeights(g.Weights, n) }

// Value implements Penalty.
func (g L1) Value(u []float64) (sum float64) {
	if !g.takes(len(u)) {
		return nan()
	}
	for j, v := range u {
		sum += g.weight(j) * math.Abs(v)
	}
	return sum
}

// Prox implements Penalty: S_{τwⱼ}(vⱼ).
func (g L1) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), g.takes(len(v))) {
		return
	}
	for j, x := range v {
		dst[j] = soft(x, tau*g.weight(j))
	}
}

// Polar implements Gauge: max |cⱼ|/wⱼ; +Inf for a c that is not 0 where the weight is.
func (g L1) Polar(c []float64) (most float64) {
	if !g.takes(len(c)) {
		return nan()
	}
	for j, v := range c {
		if w := g.weight(j); w > 0 || v != 0 {
			most = max(most, math.Abs(v)/w)
		}
	}
	return most
}

// takes reports whether there are as many weights as coefficients, or none.
func (g L1) takes(n int) bool { return g.Weights == nil || len(g.Weights) == n }

func (g L1) weight(j int) float64 {
	if g.Weights == nil {
		return 1
	}
	return g.Weights[j]
}

// NonNegativeL1 is Σ uⱼ for u ≥ 0 and +Inf elsewhere. Its prox is a ReLU with a
// bias, which is how this package and convolutional networks meet.
type NonNegativeL1 struct{}

// Check implements Penalty.
func (NonNegativeL1) Check(int) error { return nil }

// Value implements Penalty.
func (NonNegativeL1) Value(u []float64) (sum float64) {
	for _, v := range u {
		if v < 0 {
			return math.Inf(1)
		}
		sum += v
	}
	return sum
}

// Prox implements Penalty: max(vⱼ − τ, 0).
func (NonNegativeL1) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), true) {
		return
	}
	for j, x := range v {
		dst[j] = max(x-tau, 0)
	}
}

// Polar implements Gauge: max(0, maxⱼ cⱼ).
func (NonNegativeL1) Polar(c []float64) (most float64) {
	for _, v := range c {
		most = max(most, v)
	}
	return most
}

// checkWeights reports weights that are not n finite numbers of at least 0.
func checkWeights(w []float64, n int) error {
	if w != nil && len(w) != n {
		return errors.Wrapf(ErrInput, "%d weights for %d coefficients", len(w), n)
	}
	for j, v := range w {
		if !(v >= 0) || !matrix.Finite(v) {
			return errors.Wrapf(ErrInput, "weight %d is %v, want a finite number of at least 0", j, v)
		}
	}
	return nil
}
