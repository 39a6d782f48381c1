package sparse

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/simd"
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
	if !fits(dst, len(v), g.K >= 1) {
		return
	}
	if len(v) == 0 {
		return
	}
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
	if want := cmp.Or(g.Sum, 1); !(math.Abs(sum-want) <= 1e-9*want) {
		return math.Inf(1)
	}
	return 0
}

// Prox implements Penalty: the projection max(vⱼ − θ, 0), by sorting; exact to rounding
// of Sum, however large v is. All is NaN where v holds what is not finite.
//
// Reference: Held, Wolfe, Crowder. Validation of subgradient optimization.
// Mathematical Programming 6, 1974.
func (g Simplex) Prox(dst, v []float64, _ float64) {
	if !fits(dst, len(v), true) {
		return
	}
	top, below := simplexThreshold(append([]float64(nil), v...), cmp.Or(g.Sum, 1))
	for j, x := range v {
		dst[j] = max(x-top+below, 0)
	}
}

// simplexThreshold returns the largest element of v and how far below it θ is, for which
// Σ max(vⱼ − θ, 0) = sum, and sorts v. It is found in differences to the largest element,
// for only those count, and are of the size of sum: θ itself may be so large that sum is
// lost in its rounding. Where v is not finite both are NaN.
func simplexThreshold(v []float64, sum float64) (top, below float64) {
	if len(v) == 0 {
		return 0, 0
	}
	if !finiteAll(v) {
		return nan(), nan()
	}
	slices.Sort(v)
	top = v[len(v)-1]
	above := 0.0 // Σ (top − vⱼ), of the k largest
	for k := 1; k <= len(v); k++ {
		d := top - v[len(v)-k]
		above += d
		if b := (sum + above) / float64(k); d < b {
			below = b
		} else {
			break
		}
	}
	return top, below
}

// finiteAll reports whether all elements of v are finite.
func finiteAll(v []float64) bool {
	return !slices.ContainsFunc(v, func(x float64) bool { return !matrix.Finite(x) })
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
	if !fits(dst, len(kept), len(u) == len(kept)) {
		return
	}
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
// sorting; exact to rounding of the radius, however large v is, and 0 for a radius of 0.
// All is NaN where v holds what is not finite.
func (g L1Ball) Prox(dst, v []float64, _ float64) {
	if !fits(dst, len(v), true) {
		return
	}
	if (L1{}).Value(v) <= g.Radius {
		copy(dst, v)
		return
	}
	a := make([]float64, len(v))
	for j, x := range v {
		a[j] = math.Abs(x)
	}
	top, below := simplexThreshold(a, g.Radius)
	for j, x := range v {
		if size := math.Abs(x) - top + below; size <= 0 {
			dst[j] = 0
		} else {
			dst[j] = math.Copysign(size, x) // NaN stays
		}
	}
}

// Derivative implements Smooth.
func (g L1Ball) Derivative(dst, v, u []float64, tau float64) {
	if !fits(dst, len(v), len(u) == len(v)) {
		return
	}
	if g.Radius > 0 && (L1{}).Value(v) <= g.Radius {
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

// Prox implements Penalty: the projection, at any magnitude of v and of the radius. All
// is NaN where v holds what is not finite.
func (g L2Ball) Prox(dst, v []float64, _ float64) {
	if !fits(dst, len(v), true) {
		return
	}
	size := norm(v)
	if size <= g.Radius {
		copy(dst, v)
		return
	}
	if scale := g.Radius / size; scale >= 0x1p-1000 {
		for j, x := range v {
			dst[j] = scale * x
		}
		return
	}
	unit := make([]float64, len(v))
	if !simd.Unit(unit, v) {
		fill(dst, nan())
		return
	}
	for j, x := range unit {
		dst[j] = g.Radius * x
	}
}

// Derivative implements Smooth: outside of the ball, r/‖v‖ (I − vvᵀ/‖v‖²).
func (g L2Ball) Derivative(dst, v, u []float64, _ float64) {
	if !fits(dst, len(v), len(u) == len(v)) {
		return
	}
	size, along := norm(v), 0.0
	if g.Radius > 0 && size <= g.Radius {
		copy(dst, u)
		return
	}
	unit := make([]float64, len(v))
	if size > 0 && !simd.Unit(unit, v) {
		fill(dst, nan())
		return
	}
	for j, x := range unit {
		along += x * u[j]
	}
	for j, x := range unit {
		dst[j] = g.Radius / size * (u[j] - along*x)
		if g.Radius == 0 {
			dst[j] = 0
		}
	}
}

func nan() float64 { return math.NaN() }

func fill(dst []float64, v float64) {
	for j := range dst {
		dst[j] = v
	}
}
