package optim

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// float is the element type of parameters.
type float interface{ float32 | float64 }

// The loops below are all the arithmetic of the package: one function on slices
// for each rule. All slices of a call have one length. The rules of named
// optimizers are limited by memory: they read and write each array once.

// scale computes x ← a·x, rounded once.
func scale[T float](x []T, a float64) {
	for k, v := range x {
		x[k] = T(a * float64(v))
	}
}

// clamp moves the elements of x into [−hi, hi]. NaN stays NaN.
func clamp[T float](x []T, hi T) {
	for k, v := range x {
		if v > hi {
			x[k] = hi
		} else if v < -hi {
			x[k] = -hi
		}
	}
}

// average computes a ← a + w(x − a); w = 1 copies.
func average[T float](a, x []T, w T) {
	if w == 1 {
		copy(a, x)
		return
	}
	x = x[:len(a)]
	for k, v := range a {
		a[k] = v + w*(x[k]-v)
	}
}

// exchange swaps the elements of a and b.
func exchange[T float](a, b []T) {
	b = b[:len(a)]
	for k := range a {
		a[k], b[k] = b[k], a[k]
	}
}

// descend computes p ← p − lr(g + l2·p); it may spoil g.
func descend[T float](p, g []T, lr, l2 T) {
	if l2 != 0 {
		simd.Axpy(g, l2, p)
	}
	simd.Axpy(p, -lr, g)
}

// A momentumStep holds the factors of one step of momentum.
type momentumStep[T float] struct {
	keep, add   T // m ← keep·m + add·g
	grad, trace T // the direction is grad·g + trace·m
}

func (c momentumStep[T]) element(g, m T) (direction, next T) {
	m = c.keep*m + c.add*g
	return c.grad*g + c.trace*m, m
}

// momentum replaces u by its momentum's direction.
func momentum[T float](u, m []T, c momentumStep[T]) {
	m = m[:len(u)]
	for k, g := range u {
		u[k], m[k] = c.element(g, m[k])
	}
}

// descendMomentum is descend along the momentum's direction.
func descendMomentum[T float](p, g, m []T, lr, l2 T, c momentumStep[T]) {
	simd.SGDStep(p, m, g, simd.SGD[T]{Keep: c.keep, Add: c.add, Grad: c.grad, Trace: c.trace, LR: lr, L2: l2})
}

// An adamStep holds the factors of one step of Adam, at step t:
//
//	w1 = 1−β₁   b2 = β₂   w2 = 1−β₂   root = 1/√(1−β₂ᵗ)
type adamStep[T float] struct {
	w1, b2, w2, root, eps T
}

// element returns m/(√v·root + ε), m̂/(√v̂ + ε) but for the factor 1/(1−β₁ᵗ).
func (c adamStep[T]) element(g, m, v T) (direction, m1, v1 T) {
	m += c.w1 * (g - m)
	v = c.b2*v + c.w2*g*g
	return m / (T(math.Sqrt(float64(v)))*c.root + c.eps), m, v
}

// moments replaces u by a times Adam's direction.
func moments[T float](u, m, v []T, a T, c adamStep[T]) {
	m, v = m[:len(u)], v[:len(u)]
	for k, g := range u {
		var d T
		d, m[k], v[k] = c.element(g, m[k], v[k])
		u[k] = a * d
	}
}

// notFinite returns the place and the value of the first element of x that is
// NaN or infinite, −1 and 0 if there is none.
func notFinite[T float](x []T) (at int, value float64) {
	for k, v := range x {
		if v-v != 0 {
			return k, float64(v)
		}
	}
	return -1, 0
}

// squares returns Σ (a·x)², summed in float64 in a fixed order.
func squares[T float](x []T, a float64) (sum float64) {
	if a == 1 {
		return simd.DotWide(x, x)
	}
	const block = 4096
	for lo := 0; lo < len(x); lo += block {
		row := x[lo:min(lo+block, len(x))]
		var s [4]float64
		for len(row) >= 4 {
			v0, v1, v2, v3 := a*float64(row[0]), a*float64(row[1]), a*float64(row[2]), a*float64(row[3])
			s[0], s[1], s[2], s[3] = s[0]+v0*v0, s[1]+v1*v1, s[2]+v2*v2, s[3]+v3*v3
			row = row[4:]
		}
		for _, v := range row {
			s[0] += a * float64(v) * a * float64(v)
		}
		sum += s[0] + s[1] + s[2] + s[3]
	}
	return sum
}

// largest returns max |x|, NaN if there is one.
func largest[T float](x []T) (hi float64) {
	for _, v := range x {
		hi = max(hi, math.Abs(float64(v)))
	}
	return hi
}
