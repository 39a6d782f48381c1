package simd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestStepsAreTheirFormulas(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", func(t *testing.T) { stepsAreTheirFormulas[float32](t, 0x1p-24) })
		t.Run("float64", func(t *testing.T) { stepsAreTheirFormulas[float64](t, 0x1p-53) })
	})
}

// stepsAreTheirFormulas compares with the same in float64: a few roundings each,
// relative to the largest term.
func stepsAreTheirFormulas[T simd.Float](t *testing.T, unit float64) {
	r := rand.New(rand.NewPCG(7, 8))
	sgd := simd.SGD[T]{Keep: 0.875, Add: 0.75, Grad: 0.5, Trace: 2, LR: 0.25, L2: 0.125}
	adam := simd.Adam[T]{W1: 0.125, B2: 0.96875, W2: 0.03125, Root: 3, Eps: 0.125, LR: 0.25, L2: 0.5, Decay: 0.75}
	for _, n := range lengths {
		draw := func(f func() float64) []T {
			x := make([]T, n+1)
			for i := range x {
				x[i] = T(f())
			}
			return x
		}
		p, m, v, g := draw(r.NormFloat64), draw(r.NormFloat64), draw(r.ExpFloat64), draw(r.NormFloat64)
		copies := func() (a, b, c []T) {
			return append([]T(nil), p...), append([]T(nil), m...), append([]T(nil), v...)
		}
		at := func(x []T, i int) float64 { return float64(x[i]) }

		p1, m1, _ := copies()
		simd.SGDStep(p1[:n], m1[:n], g[:n], sgd)
		for i := range n {
			d := at(g, i) + 0.125*at(p, i)
			b := 0.875*at(m, i) + 0.75*d
			tol := 16 * unit * (math.Abs(at(p, i)) + math.Abs(at(m, i)) + math.Abs(at(g, i)))
			require.InDelta(t, b, at(m1, i), tol)
			require.InDelta(t, at(p, i)-0.25*(0.5*d+2*b), at(p1, i), tol)
		}
		require.Equal(t, []T{p[n], m[n]}, []T{p1[n], m1[n]}, "what lies behind is kept")

		g1 := append([]T(nil), g...)
		simd.ProximalStep(g1[:n], p[:n], m[:n], 1.5, -0.25, -0.5, 0.375)
		for i := range n {
			x := 1.5*at(p, i) - 0.25*at(g, i) - 0.5*at(m, i)
			tol := 8 * unit * (math.Abs(at(p, i)) + math.Abs(at(m, i)) + math.Abs(at(g, i)))
			require.InDelta(t, math.Copysign(max(math.Abs(x)-0.375, 0), x), at(g1, i), tol)
		}
		require.Equal(t, g[n], g1[n], "what lies behind is kept")

		p1, m1, v1 := copies()
		simd.AdamStep(p1[:n], m1[:n], v1[:n], g[:n], adam)
		for i := range n {
			d := at(g, i) + 0.5*at(p, i)
			b := at(m, i) + 0.125*(d-at(m, i))
			s := 0.96875*at(v, i) + 0.03125*d*d
			tol := 16 * unit * (math.Abs(at(p, i)) + math.Abs(at(m, i)) + math.Abs(at(g, i)))
			require.InDelta(t, b, at(m1, i), tol)
			require.InDelta(t, s, at(v1, i), 8*unit*(at(v, i)+at(g, i)*at(g, i)+at(p, i)*at(p, i)))
			require.InDelta(t, 0.75*at(p, i)-0.25*b/(3*math.Sqrt(s)+0.125), at(p1, i), 20*tol)
		}
		require.Equal(t, []T{p[n], m[n], v[n]}, []T{p1[n], m1[n], v1[n]}, "what lies behind is kept")
	}
}
