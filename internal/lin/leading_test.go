package lin_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestLeadingIsTheFirstOfAll has the leading pairs of Symmetric and Singular against their
// full decompositions, which have the same bits, for every kind of matrix in LAPACK's tests.
func TestLeadingIsTheFirstOfAll(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	for _, n := range []int{1, 2, 31, 65, 130} {
		if tooLarge(n, n) {
			continue
		}
		for name, a := range symmetricMatrices(n) {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				t.Run("float32", func(t *testing.T) { leadingCase[float32](t, p, n, a) })
				t.Run("float64", func(t *testing.T) { leadingCase[float64](t, p, n, a) })
			})
		}
	}
}

func leadingCase[T simd.Float](t *testing.T, p *par.Pool, n int, exact []float64) {
	a := make([]T, n*n)
	simd.Copy(a, n, exact, n, n, n)
	clone := func() []T { return append([]T(nil), a...) }
	var x lin.Symmetric[T]
	values, vectors := make([]T, n), make([]T, n*n)
	require.NoError(t, x.Solve(p, n, clone(), n, values, vectors, n))
	var s lin.Singular[T]
	sigma, u, vt := make([]T, n), make([]T, n*n), make([]T, n*n)
	require.NoError(t, s.Solve(p, n, n, a, n, sigma, u, n, vt, n))
	norm, ulp := max(float64(sigma[0]), 1e-300), 30*float64(n)*unit[T]()
	for _, count := range []int{1, (n + 3) / 4, n} {
		some, v := make([]T, count), make([]T, count*n)
		require.NoError(t, x.Leading(p, n, count, clone(), n, some, v, n))
		for i := range count {
			require.Equal(t, values[n-1-i], some[i])
		}
		pairs(t, n, count, a, some, v, v, ulp, norm)

		left, right := make([]T, n*count), make([]T, count*n)
		require.NoError(t, s.Leading(p, n, n, count, a, n, some, left, count, right, n))
		require.Equal(t, sigma[:count], some)
		pairs(t, n, count, a, some, right, transposed(left, n, count), ulp, norm)

		alone := make([]T, count*n)
		require.NoError(t, s.Leading(nil, n, n, count, a, n, some, nil, 0, alone, n))
		require.Equal(t, right, alone, "right vectors alone, on one worker")
	}
}

// pairs checks A vᵢ = σᵢ uᵢ and that both are orthonormal, for vectors in rows.
func pairs[T simd.Float](t *testing.T, n, count int, a, values, v, u []T, ulp, norm float64) {
	wide, right, left := make([]float64, n*n), make([]float64, count*n), make([]float64, count*n)
	simd.Copy(wide, n, a, n, n, n)
	simd.Copy(right, n, v, n, count, n)
	simd.Copy(left, n, u, n, count, n)
	require.LessOrEqual(t, apart(n, count, transposed(right, count, n)), ulp)
	require.LessOrEqual(t, apart(n, count, transposed(left, count, n)), ulp)
	for i, s := range values {
		simd.Affine(left[i*n:(i+1)*n], -float64(s), left[i*n:(i+1)*n], 0)
	}
	lin.Gemm(nil, false, true, count, n, n, 1, right, n, wide, n, 1, left, n)
	for i := range count {
		require.LessOrEqual(t, simd.Norm(left[i*n:(i+1)*n]), ulp*norm, "pair %d", i)
	}
}

func transposed[T simd.Float](a []T, rows, cols int) []T {
	b := make([]T, len(a))
	simd.Transpose(b, rows, a, cols, rows, cols)
	return b
}

// TestShrinkageIsTheProximalStep has D_t of every kind of matrix against U max(Σ − t, 0) Vᵀ of
// the full decomposition, for thresholds above, between and far below the values.
func TestShrinkageIsTheProximalStep(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	for _, s := range [][2]int{{1, 1}, {3, 3}, {31, 33}, {90, 40}, {129, 129}} {
		m, n := s[0], s[1]
		if tooLarge(m, n) {
			continue
		}
		for name, a := range rectangles(m, n) {
			k := min(m, n)
			var full lin.Singular[float64]
			values, u, vt := make([]float64, k), make([]float64, m*k), make([]float64, k*n)
			require.NoError(t, full.Solve(p, m, n, a, n, values, u, k, vt, n))
			var x lin.Shrinkage
			first := max(values[0], 1e-300)
			for _, share := range []float64{2, 0.3, 0.01, 1e-8} {
				bound, want, rank := share*first, make([]float64, m*n), 0
				scaled := append([]float64(nil), vt...)
				for i, v := range values {
					rest := max(v-bound, 0)
					simd.Affine(scaled[i*n:(i+1)*n], rest, scaled[i*n:(i+1)*n], 0)
					if rest > 0 {
						rank++
					}
				}
				lin.Gemm(nil, false, false, m, n, k, 1, u, k, scaled, n, 0, want, n)
				got := append([]float64(nil), want...) // not 0
				left, err := x.Solve(p, m, n, bound, a, n, got, n)
				require.NoError(t, err)
				require.Equal(t, rank, left, "%s %d×%d above %v", name, m, n, bound)
				simd.Axpy(got, -1, want)
				require.LessOrEqual(t, simd.Norm(got), 1e-11*first, "%s %d×%d above %v", name, m, n, bound)
			}
		}
	}
	var x lin.Shrinkage
	_, err := x.Solve(nil, 1, 2, 1, []float64{1, math.NaN()}, 2, make([]float64, 2), 2)
	require.ErrorIs(t, err, lin.ErrNotFinite)
}
