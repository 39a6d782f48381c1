package sparse

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// TopK is 0 for vectors with at most K coefficients that are not 0, and +Inf
// elsewhere. It is not convex.
type TopK struct{ K int }

// Check implements Penalty.
func (g TopK) Check(n int) error {
	if g.K < 1 || g.K > n {
		return errors.Wrapf(ErrInput, "the %d largest of %d coefficients", g.K, n)
	}
	return nil
}

// Value implements Penalty.
func (g TopK) Value(u []float64) float64 {
	if count(u) > g.K {
		return math.Inf(1)
	}
	return 0
}

// Prox implements Penalty: the K coefficients of greatest magnitude stay, of
// equals the first.
func (g TopK) Prox(dst, v []float64, _ float64) {
	theta, equals := g.threshold(v)
	for j, x := range v {
		a := math.Abs(x)
		if a == theta && equals > 0 {
			equals--
		} else if a <= theta {
			x = 0
		}
		dst[j] = x
	}
}

// threshold returns the K-th magnitude, and how many that are equal to it stay.
func (g TopK) threshold(v []float64) (theta float64, equals int) {
	order := make([]float64, len(v))
	for j, x := range v {
		order[j] = math.Abs(x)
	}
	slices.Sort(order)
	theta = order[len(v)-min(g.K, len(v))]
	for _, a := range order[len(v)-min(g.K, len(v)):] {
		equals += int(indicator(a == theta))
	}
	return theta, equals
}

// Derivative implements Smooth.
func (g TopK) Derivative(dst, v, u []float64, tau float64) {
	kept := make([]float64, len(v))
	g.Prox(kept, v, tau)
	mask(dst, kept, u, 1, func(_ int, x float64) bool { return x != 0 })
}

// Simplex is 0 for u ≥ 0 with Σ uⱼ = Sum, and +Inf elsewhere.
type Simplex struct {
	Sum float64 // 0 is 1
}

// Check implements Penalty.
func (g Simplex) Check(int) error { return nonNegative("Sum", g.Sum) }

// Value implements Penalty. The sum may be off by 1e-9 of itself.
func (g Simplex) Value(u []float64) float64 {
	sum := 0.0
	for _, v := range u {
		if v < 0 {
			return math.Inf(1)
		}
		sum += v
	}
	if want := or(g.Sum, 1); !(math.Abs(sum-want) <= 1e-9*want) {
		return math.Inf(1)
	}
	return 0
}

// Prox implements Penalty: the projection max(vⱼ − θ, 0), by sorting.
//
// Reference: Held, Wolfe, Crowder. Validation of subgradient optimization.
// Mathematical Programming 6, 1974.
func (g Simplex) Prox(dst, v []float64, _ float64) {
	theta := simplexThreshold(append([]float64(nil), v...), or(g.Sum, 1))
	for j, x := range v {
		dst[j] = max(x-theta, 0)
	}
}

// simplexThreshold returns θ with Σ max(vⱼ − θ, 0) = sum, and sorts v.
func simplexThreshold(v []float64, sum float64) (theta float64) {
	slices.Sort(v)
	above := 0.0
	for k := 1; k <= len(v); k++ {
		x := v[len(v)-k]
		above += x
		if t := (above - sum) / float64(k); x > t {
			theta = t
		} else {
			break
		}
	}
	return theta
}

// Derivative implements Smooth: on the support of the projection, u minus its
// mean.
func (g Simplex) Derivative(dst, v, u []float64, tau float64) {
	kept := make([]float64, len(v))
	g.Prox(kept, v, tau)
	facet(dst, kept, u, func(float64) float64 { return 1 })
}

// facet stores, on the support of kept, u − s⟨s, u⟩/k, where s are the signs of the k
// coefficients of the support, and 0 elsewhere.
func facet(dst, kept, u []float64, sign func(float64) float64) {
	mean := 0.0
	for j, x := range kept {
		if x != 0 {
			mean += sign(x) * u[j]
		}
	}
	mean /= float64(max(count(kept), 1))
	for j, x := range kept {
		if x != 0 {
			dst[j] = u[j] - sign(x)*mean
		} else {
			dst[j] = 0
		}
	}
}

// L1Ball is 0 where ‖u‖₁ ≤ Radius, and +Inf elsewhere.
type L1Ball struct{ Radius float64 }

// Check implements Penalty.
func (g L1Ball) Check(int) error { return nonNegative("Radius", g.Radius) }

// Value implements Penalty. The norm may be off by 1e-9 of the radius.
func (g L1Ball) Value(u []float64) float64 { return within(L1{}.Value(u), g.Radius) }

// within returns 0 for a size of at most a radius, but for rounding, else +Inf.
func within(size, radius float64) float64 {
	if size <= radius*(1+1e-9) {
		return 0
	}
	return math.Inf(1)
}

// Prox implements Penalty: the projection, a soft threshold whose θ is found by
// sorting.
func (g L1Ball) Prox(dst, v []float64, _ float64) {
	if (L1{}).Value(v) <= g.Radius {
		copy(dst, v)
		return
	}
	a := make([]float64, len(v))
	for j, x := range v {
		a[j] = math.Abs(x)
	}
	SoftThreshold(dst, v, simplexThreshold(a, g.Radius))
}

// Derivative implements Smooth.
func (g L1Ball) Derivative(dst, v, u []float64, tau float64) {
	if (L1{}).Value(v) <= g.Radius {
		copy(dst, u)
		return
	}
	kept := make([]float64, len(v))
	g.Prox(kept, v, tau)
	facet(dst, kept, u, func(x float64) float64 { return math.Copysign(1, x) })
}

// L2Ball is 0 where ‖u‖₂ ≤ Radius, and +Inf elsewhere.
type L2Ball struct{ Radius float64 }

// Check implements Penalty.
func (g L2Ball) Check(int) error { return nonNegative("Radius", g.Radius) }

// Value implements Penalty. The norm may be off by 1e-9 of the radius.
func (g L2Ball) Value(u []float64) float64 { return within(norm(u), g.Radius) }

// Prox implements Penalty: the projection.
func (g L2Ball) Prox(dst, v []float64, _ float64) {
	scale := 1.0
	if size := norm(v); size > g.Radius {
		scale = g.Radius / size
	}
	for j, x := range v {
		dst[j] = scale * x
	}
}

// Derivative implements Smooth: outside of the ball, r/‖v‖ (I − vvᵀ/‖v‖²).
func (g L2Ball) Derivative(dst, v, u []float64, _ float64) {
	size, along := norm(v), 0.0
	if size <= g.Radius {
		copy(dst, u)
		return
	}
	for j, x := range v {
		along += x * u[j]
	}
	for j, x := range v {
		dst[j] = g.Radius / size * (u[j] - along/(size*size)*x)
	}
}

func nan() float64 { return math.NaN() }

func fill(dst []float64, v float64) {
	for j := range dst {
		dst[j] = v
	}
}
