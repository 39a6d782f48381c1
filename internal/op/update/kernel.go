package update

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

const grain = 1 << 15 // elements of a chunk: some tens of microseconds of memory traffic

// bind is a loop for each parameter.
func bind[T op.Float](k Step, a *op.Args[T]) op.Run {
	inputs, _ := k.Kind.shape()
	c, gate := a.WideIn[inputs*len(factors(k.Factors))], a.WideIn[len(a.WideIn)-1]
	if k.Kind == Clip {
		c = gate
	}
	var runs []op.Run
	for i, f := range factors(k.Factors) {
		x := make([][]T, 4)
		copy(x, a.In[inputs*i:inputs*(i+1)])
		runs = append(runs, a.Loop(len(x[0]), grain, func(lo, hi int) {
			var s [4][]T
			for j := range inputs {
				s[j] = x[j][lo:hi]
			}
			apply(k.Kind, c, f, s[0], s[1], s[2], s[3])
		}))
	}
	return func() error {
		if k.Gate && gate[0] == 0 {
			return nil
		}
		for _, run := range runs {
			if err := run(); err != nil {
				return err
			}
		}
		return nil
	}
}

// apply does what a kind does to some elements: p, g, and what is remembered.
func apply[T op.Float](k Kind, c []float64, f float64, p, g, m, v []T) {
	switch k {
	case Decay:
		if f != 0 {
			simd.Axpy(g, T(c[0]*f), p)
		}
	case Scale:
		Multiply(g, c[0]*f)
	case Clamp:
		Limit(g, T(c[0]))
	case Momentum:
		Trace(g, m, MomentumStep[T]{T(c[0]), T(c[1]), T(c[2]), T(c[3])})
	case Moments:
		Normalize(g, m, v, T(c[0]), MomentsStep[T]{T(c[1]), T(c[2]), T(c[3]), T(c[4]), T(c[5])})
	case Subtract:
		simd.Axpy(p, -1, g)
	case Descend:
		if l2 := T(c[1] * f); l2 != 0 {
			simd.Axpy(g, l2, p)
		}
		simd.Axpy(p, -T(c[0]), g)
	case DescendMomentum:
		simd.SGDStep(p, m, g, simd.SGD[T]{LR: T(c[0]), L2: T(c[1] * f), Keep: T(c[2]), Add: T(c[3]), Grad: T(c[4]),
			Trace: T(c[5])})
	case Average:
		Mix(g, p, T(c[0]))
	case Exchange:
		Swap(g, p)
	case Copy:
		copy(m, g)
	case Clip:
		if c[1] < 1 {
			Multiply(g, c[1])
		}
	}
}

// The loops below are on slices of one length.

// Multiply computes x ← a·x, rounded once.
func Multiply[T op.Float](x []T, a float64) {
	for k, v := range x {
		x[k] = T(a * float64(v))
	}
}

// Limit moves the elements of x into [−hi, hi]. NaN stays NaN.
func Limit[T op.Float](x []T, hi T) {
	for k, v := range x {
		if v > hi {
			x[k] = hi
		} else if v < -hi {
			x[k] = -hi
		}
	}
}

// Mix computes a ← a + w(x − a); w = 1 copies.
func Mix[T op.Float](a, x []T, w T) {
	if w == 1 {
		copy(a, x)
		return
	}
	x = x[:len(a)]
	for k, v := range a {
		a[k] = v + w*(x[k]-v)
	}
}

// Swap exchanges the elements of a and b.
func Swap[T op.Float](a, b []T) {
	b = b[:len(a)]
	for k := range a {
		a[k], b[k] = b[k], a[k]
	}
}

// A MomentumStep holds the factors of one step of momentum.
type MomentumStep[T op.Float] struct {
	Keep, Add   T // m ← keep·m + add·g
	Grad, Trace T // the direction is grad·g + trace·m
}

// Trace replaces u by its momentum's direction.
func Trace[T op.Float](u, m []T, c MomentumStep[T]) {
	m = m[:len(u)]
	for k, g := range u {
		next := c.Keep*m[k] + c.Add*g
		u[k], m[k] = c.Grad*g+c.Trace*next, next
	}
}

// A MomentsStep holds the factors of one step of Adam's moments, at step t:
//
//	w1 = 1−β₁   b2 = β₂   w2 = 1−β₂   root = 1/√(1−β₂ᵗ)
type MomentsStep[T op.Float] struct{ W1, B2, W2, Root, Eps T }

// Normalize replaces u by a·m/(√v·root + ε), a times Adam's direction but for the
// factor 1/(1−β₁ᵗ).
func Normalize[T op.Float](u, m, v []T, a T, c MomentsStep[T]) {
	m, v = m[:len(u)], v[:len(u)]
	for k, g := range u {
		m1 := m[k] + c.W1*(g-m[k])
		v1 := c.B2*v[k] + c.W2*g*g
		u[k], m[k], v[k] = a*(m1/(T(math.Sqrt(float64(v1)))*c.Root+c.Eps)), m1, v1
	}
}

// FirstNotFinite returns the place and the value of the first element of x that is
// NaN or infinite, −1 and 0 if there is none.
func FirstNotFinite[T op.Float](x []T) (at int, value float64) {
	for k, v := range x {
		if v-v != 0 {
			return k, float64(v)
		}
	}
	return -1, 0
}

// SumSquares returns Σ (a·x)², summed in float64 in a fixed order.
func SumSquares[T op.Float](x []T, a float64) (sum float64) {
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

// Magnitude returns max |x|, NaN if there is one.
func Magnitude[T op.Float](x []T) (hi float64) {
	for _, v := range x {
		hi = max(hi, math.Abs(float64(v)))
	}
	return hi
}
