package sparse

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/matrix"
)

// A Smooth Penalty knows the derivative of its prox, where there is one. That of
// a convex g is symmetric, so it serves the forward and the backward mode.
type Smooth interface {
	Penalty
	// Derivative stores J u in dst, which may be u: J is the Jacobian of prox_{τg}
	// at v. At a kink it is that of the side nearer to 0.
	Derivative(dst, v, u []float64, tau float64)
}

// ConjugateProx stores prox_{τg*}(v) in dst, which may be v, by the decomposition
// of Moreau,
//
//	prox_{τg*}(v) = v − τ prox_{g/τ}(v/τ),   g*(c) = max_u ⟨c, u⟩ − g(u)
//
// for convex g and τ > 0. scratch has the length of v; if it is shorter, it is allocated.
func ConjugateProx(g Penalty, dst, v []float64, tau float64, scratch []float64) {
	if !fits(dst, len(v), !given.Nil(g)) {
		return
	}
	if len(scratch) < len(v) {
		scratch = make([]float64, len(v))
	}
	scratch = scratch[:len(v)]
	for j, x := range v {
		scratch[j] = x / tau
	}
	g.Prox(scratch, scratch, 1/tau)
	for j, x := range v {
		dst[j] = x - tau*scratch[j]
	}
}

// mask stores u where keep holds of v, and 0 elsewhere.
func mask(dst, v, u []float64, scale float64, keep func(j int, v float64) bool) {
	if !fits(dst, len(v), len(u) == len(v)) {
		return
	}
	for j, x := range v {
		if keep(j, x) {
			dst[j] = scale * u[j]
		} else {
			dst[j] = 0
		}
	}
}

// Derivative implements Smooth: 1 where |vⱼ| > τwⱼ, else 0.
func (g L1) Derivative(dst, v, u []float64, tau float64) {
	if !fits(dst, len(v), g.takes(len(v))) {
		return
	}
	mask(dst, v, u, 1, func(j int, x float64) bool { return math.Abs(x) > tau*g.weight(j) })
}

// Derivative implements Smooth: 1 where vⱼ > τ, else 0.
func (NonNegativeL1) Derivative(dst, v, u []float64, tau float64) {
	mask(dst, v, u, 1, func(_ int, x float64) bool { return x > tau })
}

// ElasticNet is ‖u‖₁ + Mu/2 ‖u‖².
type ElasticNet struct {
	Mu float64 // at least 0
}

// Check implements Penalty.
func (g ElasticNet) Check(int) error { return nonNegative("Mu", g.Mu) }

// Value implements Penalty.
func (g ElasticNet) Value(u []float64) float64 {
	return L1{}.Value(u) + g.Mu*SquaredL2{}.Value(u)
}

// Prox implements Penalty: S_τ(v)/(1 + τ·Mu).
func (g ElasticNet) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), true) {
		return
	}
	for j, x := range v {
		dst[j] = soft(x, tau) / (1 + tau*g.Mu)
	}
}

// Derivative implements Smooth.
func (g ElasticNet) Derivative(dst, v, u []float64, tau float64) {
	mask(dst, v, u, 1/(1+tau*g.Mu), func(_ int, x float64) bool { return math.Abs(x) > tau })
}

// SquaredL2 is ½‖u‖².
type SquaredL2 struct{}

// Check implements Penalty.
func (SquaredL2) Check(int) error { return nil }

// Value implements Penalty.
func (SquaredL2) Value(u []float64) (sum float64) {
	for _, v := range u {
		sum += v * v
	}
	return sum / 2
}

// Prox implements Penalty: v/(1 + τ).
func (SquaredL2) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), true) {
		return
	}
	for j, x := range v {
		dst[j] = x / (1 + tau)
	}
}

// Derivative implements Smooth.
func (g SquaredL2) Derivative(dst, _, u []float64, tau float64) { g.Prox(dst, u, tau) }

// L0 is ‖u‖₀, the number of coefficients that are not 0. It is not convex.
type L0 struct{}

// Check implements Penalty.
func (L0) Check(int) error { return nil }

// Value implements Penalty.
func (L0) Value(u []float64) float64 { return float64(count(u)) }

// Prox implements Penalty: the hard threshold, vⱼ where |vⱼ| > √(2τ) and 0
// elsewhere. NaN stays.
func (L0) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), true) {
		return
	}
	theta := math.Sqrt(2 * tau)
	for j, x := range v {
		if math.Abs(x) <= theta {
			x = 0
		}
		dst[j] = x
	}
}

// Derivative implements Smooth.
func (L0) Derivative(dst, v, u []float64, tau float64) {
	theta := math.Sqrt(2 * tau)
	mask(dst, v, u, 1, func(_ int, x float64) bool { return math.Abs(x) > theta })
}

// Box is 0 where Lo ≤ uⱼ ≤ Hi, and +Inf elsewhere. The ball of ‖·‖_∞ of radius r is
// Box{-r, r}.
type Box struct{ Lo, Hi float64 }

// Check implements Penalty.
func (g Box) Check(int) error {
	if !(g.Lo <= g.Hi) {
		return errors.Wrapf(ErrInput, "Lo is %v and Hi %v, want Lo ≤ Hi", g.Lo, g.Hi)
	}
	return nil
}

// Value implements Penalty.
func (g Box) Value(u []float64) float64 {
	for _, v := range u {
		if !(v >= g.Lo && v <= g.Hi) {
			return math.Inf(1)
		}
	}
	return 0
}

// Prox implements Penalty: the projection, whatever τ is.
func (g Box) Prox(dst, v []float64, _ float64) {
	if !fits(dst, len(v), true) {
		return
	}
	for j, x := range v {
		dst[j] = min(max(x, g.Lo), g.Hi)
	}
}

// Derivative implements Smooth.
func (g Box) Derivative(dst, v, u []float64, _ float64) {
	mask(dst, v, u, 1, func(_ int, x float64) bool { return x > g.Lo && x < g.Hi })
}

// nonNegative reports a setting that is not a finite number of at least 0.
func nonNegative(name string, v float64) error {
	if !(v >= 0) || !matrix.Finite(v) {
		return errors.Wrapf(ErrInput, "%s is %v, want a finite number of at least 0", name, v)
	}
	return nil
}
