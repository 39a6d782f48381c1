package lin_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestTruncatedIsAsExactAsItsTest has a few leading vectors of every kind of matrix in
// LAPACK's tests: orthonormal to rounding, values of the full decomposition, and
// ‖AᵀA v − σ²v‖ ≤ 10⁻¹⁰ σ₁σ, or 30 max(m, n) ε σ₁², as the full decomposition has it.
func TestTruncatedIsAsExactAsItsTest(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	for _, s := range [][2]int{{1, 1}, {3, 3}, {32, 32}, {40, 90}, {90, 40}, {129, 129}, {700, 250}} {
		if tooLarge(s[0], s[1]) {
			continue
		}
		kinds := rectangles(s[0], s[1])
		if s[0] == s[1] {
			for name, a := range symmetricMatrices(s[0]) {
				kinds["symmetric "+name] = a
			}
		}
		for name, a := range kinds {
			t.Run(fmt.Sprintf("%s/%d×%d", name, s[0], s[1]), func(t *testing.T) {
				t.Run("float32", func(t *testing.T) { truncatedCase[float32](t, p, s[0], s[1], a) })
				t.Run("float64", func(t *testing.T) { truncatedCase[float64](t, p, s[0], s[1], a) })
			})
		}
	}
}

func truncatedCase[T simd.Float](t *testing.T, p *par.Pool, m, n int, exact []float64) {
	a, k := make([]T, m*n), min(m, n)
	simd.Copy(a, n, exact, n, m, n)
	before := append([]T(nil), a...)
	var full lin.Singular[T]
	want := make([]T, k)
	require.NoError(t, full.Solve(p, m, n, a, n, want, nil, 0, nil, 0))
	var x lin.Truncated[T]
	for _, count := range []int{1, max(1, k/20), k} {
		values, vt := make([]T, count), make([]T, count*n)
		require.NoError(t, x.Solve(p, m, n, count, a, n, 1, values, vt, n))
		require.Equal(t, before, a)
		ulp, first := float64(max(m, n))*unit[T](), float64(want[0])
		for i, s := range values {
			require.InDelta(t, float64(want[i]), float64(s), 30*ulp*first)
		}
		wide, v := make([]float64, m*n), make([]float64, count*n)
		simd.Copy(wide, n, a, n, m, n)
		simd.Copy(v, n, vt, n, count, n)
		require.LessOrEqual(t, apart(n, count, transposed(v, count, n)), 30*ulp)
		for i, r := range residuals(m, n, count, wide, values, v) {
			require.LessOrEqual(t, r, max(1e-10*float64(values[i])/max(first, math.SmallestNonzeroFloat64), 30*ulp))
		}
		again, vt2 := make([]T, count), make([]T, count*n)
		require.NoError(t, x.Solve(nil, m, n, count, a, n, 1, again, vt2, n))
		require.Equal(t, values, again, "on one worker")
		require.Equal(t, vt, vt2, "on one worker")
	}
}

// residuals returns ‖AᵀAv − σ²v‖/σ₁² of each row of v.
func residuals[T simd.Float](m, n, count int, a []float64, values []T, v []float64) []float64 {
	out, first := make([]float64, count), float64(values[0])
	if first == 0 {
		return out
	}
	scaled := append([]float64(nil), a...)
	for i := range scaled {
		scaled[i] /= first
	}
	image, back := make([]float64, count*m), make([]float64, count*n)
	lin.Gemm(nil, false, true, count, m, n, 1, v, n, scaled, n, 0, image, m)
	lin.Gemm(nil, false, false, count, n, m, 1, image, m, scaled, n, 0, back, n)
	for i := range out {
		s := float64(values[i]) / first
		r := back[i*n : (i+1)*n]
		simd.Axpy(r, -s*s, v[i*n:(i+1)*n])
		out[i] = simd.Norm(r)
	}
	return out
}

// large returns an m×n matrix for which iterations are worth it, with σᵢ = ratio^i.
func large(m, n int, ratio float64) []float64 {
	r := rand.New(rand.NewPCG(5, 5))
	const rank = 40
	u, v := make([]float64, m*rank), make([]float64, rank*n)
	for i := range u {
		u[i] = r.NormFloat64()
	}
	for i := range rank {
		for j := range n {
			v[i*n+j] = r.NormFloat64() * math.Pow(ratio, float64(i))
		}
	}
	a := make([]float64, m*n)
	lin.Gemm(nil, false, false, m, n, rank, 1, u, rank, v, n, 0, a, n)
	return a
}

// TestTruncatedIterates has tall and wide matrices that are large beside what is wanted: the
// start is random, so that another seed has other bits, which tells that the iteration found
// the vectors; with equal values it gives up, and no seed matters.
func TestTruncatedIterates(t *testing.T) {
	if testing.Short() {
		return // an emulated processor has no time for large matrices
	}
	p := par.New(2)
	defer p.Close()
	for _, s := range [][2]int{{1200, 600}, {600, 1200}} {
		m, n := s[0], s[1]
		for _, iterates := range []bool{true, false} {
			a := large(m, n, 0.8)
			if !iterates { // A random spectrum is dense at its edge.
				r := rand.New(rand.NewPCG(6, 6))
				for i := range a {
					a[i] = r.NormFloat64()
				}
			}
			var x lin.Truncated[float64]
			solve := func(seed uint64) (values, vt []float64) {
				values, vt = make([]float64, 3), make([]float64, 3*n)
				require.NoError(t, x.Solve(p, m, n, 3, a, n, seed, values, vt, n))
				return values, vt
			}
			values, vt := solve(1)
			for i, r := range residuals(m, n, 3, a, values, vt) {
				require.LessOrEqual(t, r, 1e-10*values[i]/values[0])
			}
			require.LessOrEqual(t, apart(n, 3, transposed(vt, 3, n)), 30*float64(max(m, n))*0x1p-53)
			_, same := solve(1)
			require.Equal(t, vt, same)
			_, other := solve(2)
			if iterates {
				require.NotEqual(t, vt, other)
			} else {
				require.Equal(t, vt, other)
			}
		}
	}
}

// TestGramSideLosesWhatItSays has σᵢ = 10^(−i): errors are of ε σ₁²/σᵢ where Singular's are of
// ε σ₁, which is seen, and vectors are orthonormal nevertheless, in float32 to all its digits.
func TestGramSideLosesWhatItSays(t *testing.T) {
	t.Run("float64", func(t *testing.T) { gramSideCase[float64](t) })
	t.Run("float32", func(t *testing.T) { gramSideCase[float32](t) })
}

func gramSideCase[T simd.Float](t *testing.T) {
	const k = 12
	sigma := make([]float64, k)
	for i := range sigma {
		sigma[i] = math.Pow(10, -float64(i))
	}
	square := withSpectrum(rand.New(rand.NewPCG(7, 7)), sigma)
	for _, s := range [][2]int{{k, k}, {2 * k, k}, {k, 2 * k}} {
		m, n := s[0], s[1]
		a := make([]T, m*n)
		for i := range m {
			for j := range n {
				a[i*n+j] = T(square[i%k*k+j%k] / math.Sqrt(float64(m*n)) * k)
			}
		}
		var x lin.GramSide[T]
		values, vt := make([]T, k), make([]T, k*n)
		require.NoError(t, x.Solve(nil, m, n, k, a, n, values, vt, n))
		v := make([]float64, k*n)
		simd.Copy(v, n, vt, n, k, n)
		require.LessOrEqual(t, apart(n, k, transposed(v, k, n)), 30*float64(n)*unit[T]())
		worst := 0.0
		for i, want := range sigma {
			got := float64(values[i])
			require.LessOrEqual(t, math.Abs(got-want), 10*float64(n)*(0x1p-53/max(want, 0x1p-27)+unit[T]()))
			worst = max(worst, math.Abs(got-want))
		}
		if unit[T]() == 0x1p-53 {
			require.Greater(t, worst, 30*float64(n)*0x1p-53, "squares lose something")
		}
	}
}

func TestTruncatedRefusesWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
		a := []float64{1, 2, 3, 4, bad, 6}
		var x lin.Truncated[float64]
		require.ErrorIs(t, x.Solve(nil, 2, 3, 1, a, 3, 0, make([]float64, 1), make([]float64, 3), 3), lin.ErrNotFinite)
		var g lin.GramSide[float64]
		require.ErrorIs(t, g.Solve(nil, 2, 3, 1, a, 3, make([]float64, 1), make([]float64, 3), 3), lin.ErrNotFinite)
	}
	a := make([]float64, 1200*600)
	a[77] = math.NaN()
	var x lin.Truncated[float64]
	require.ErrorIs(t, x.Solve(nil, 1200, 600, 1, a, 600, 0, make([]float64, 1), make([]float64, 600), 600),
		lin.ErrNotFinite)
}
