package sparse_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// one is the problem ½(z − 8)² + 2⁻³⁰|z| of one number, with a step of half: the
// error is halved by each iteration of ISTA, zₖ = 8(1 − 2⁻ᵏ).
func one(t *testing.T) (p sparse.Problem, step sparse.Step) {
	op, err := sparse.NewMatrix(mat.NewDense(1, 1, []float64{1}))
	require.NoError(t, err)
	return sparse.Problem{A: op, X: mat.NewDense(1, 1, []float64{8}), Lambda: 0x1p-30}, sparse.Step{L: 2}
}

// TestChangeIsBesideTheCode stops at the first k with 2⁻ᵏ ≤ c(1 − 2⁻⁽ᵏ⁻¹⁾), whatever the
// scale of the code.
func TestChangeIsBesideTheCode(t *testing.T) {
	p, step := one(t)
	for c, want := range map[float64]int{0.51: 2, 0.17: 3, 0.1: 4, 0.05: 5, 0.01: 7} {
		for _, scale := range []float64{1, 0x1p-10, 0x1p10} {
			p.X = mat.NewDense(1, 1, []float64{8 * scale})
			p.Lambda = 0x1p-30 * scale
			got, err := sparse.ISTA{Step: step, Stop: sparse.Stop{Change: c}}.Solve(p)
			require.NoError(t, err)
			require.Equal(t, want, got.Iterations[0], "Change %v at scale %v", c, scale)
			require.True(t, got.Converged[0])
		}
	}
	p.X = mat.NewDense(1, 1, nil) // z = 0 from the first: a change of 0 beside a code of 0
	got, err := sparse.ISTA{Step: step, Stop: sparse.Stop{Change: 0.1}}.Solve(p)
	require.NoError(t, err)
	require.Equal(t, 1, got.Iterations[0])
}

// TestARejectedStepDoesNotEndMonotoneFISTA follows the method in one dimension, by the formulas
// of Beck and Teboulle: a step that makes the objective greater is not taken, and its length
// says nothing about convergence. Some tolerances tell the two rules apart.
func TestARejectedStepDoesNotEndMonotoneFISTA(t *testing.T) {
	p, step := one(t)
	told := 0
	for c := 0.5; c > 1e-4; c *= 0.93 {
		want, hasty := monotoneStops(c)
		if want != hasty {
			told++
		}
		got, err := sparse.FISTA{Step: step, Monotone: true, Stop: sparse.Stop{Change: c}}.Solve(p)
		require.NoError(t, err)
		require.Equal(t, want, got.Iterations[0], "Change %v", c)
	}
	require.Positive(t, told)
}

// monotoneStops returns the iteration at which it ends, and that at which it would if a
// rejected step counted.
func monotoneStops(c float64) (kept, hasty int) {
	z, y, t := 0.0, 0.0, 1.0
	cost := func(z float64) float64 { return (z-8)*(z-8)/2 + 0x1p-30*math.Abs(z) }
	for k := 1; ; k++ {
		next, last := y-(y-8)/2, z
		next = math.Copysign(max(math.Abs(next)-0x1p-31, 0), next)
		taken := cost(next) <= cost(z)
		if taken {
			z = next
		}
		if math.Abs(next-last) <= c*math.Abs(last) {
			if hasty == 0 {
				hasty = k
			}
			if taken {
				return k, hasty
			}
		}
		tn := (1 + math.Sqrt(1+4*t*t)) / 2
		y = z + t/tn*(next-z) + (t-1)/tn*(z-last)
		t = tn
	}
}
