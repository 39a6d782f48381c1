package lin_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// unit is the rounding unit of T.
func unit[T simd.Float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 0x1p-24
	}
	return 0x1p-53
}

// withSpectrum returns Q diag(λ) Qᵀ for Q of random reflectors.
func withSpectrum(r *rand.Rand, values []float64) []float64 {
	n := len(values)
	a := make([]float64, n*n)
	for i, v := range values {
		a[i*n+i] = v
	}
	for range 3 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		scale := 2 / simd.Dot(v, v)
		for range 2 { // from the right, then transposed
			for i := range n {
				row := a[i*n : (i+1)*n]
				simd.Axpy(row, -scale*simd.Dot(row, v), v)
			}
			b := make([]float64, n*n)
			simd.Transpose(b, n, a, n, n, n)
			a = b
		}
	}
	return a
}

// symmetricMatrices are of the kinds that LAPACK is tested with.
func symmetricMatrices(n int) map[string][]float64 {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	spectrum := func(f func(i int) float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = f(i)
		}
		return withSpectrum(r, v)
	}
	m := map[string][]float64{
		"zero":      make([]float64, n*n),
		"even":      spectrum(func(i int) float64 { return 1 - 2*float64(i)/float64(n) }),
		"geometric": spectrum(func(i int) float64 { return math.Pow(1e-10, float64(i)/float64(n)) }),
		"clustered": spectrum(func(i int) float64 { return 1 + 1e-9*r.Float64()*float64(i%2) }),
		"one large": spectrum(func(i int) float64 { return map[bool]float64{true: 1, false: 1e-8}[i == 0] }),
		"rank one":  spectrum(func(i int) float64 { return map[bool]float64{true: 1, false: 0}[i == 0] }),
		"random":    spectrum(func(i int) float64 { return r.NormFloat64() }),
		"huge":      spectrum(func(i int) float64 { return 1e37 * r.Float64() }),
		"tiny":      spectrum(func(i int) float64 { return 1e-30 * r.Float64() }),
	}
	gauss, wilkinson, graded := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	unit, glued := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		unit[i*n+i] = 1
		wilkinson[i*n+i] = math.Abs(float64(i) - float64(n-1)/2)
		glued[i*n+i] = math.Abs(float64(i%21) - 10)
		if i > 0 {
			wilkinson[i*n+i-1], wilkinson[(i-1)*n+i] = 1, 1
			glued[i*n+i-1], glued[(i-1)*n+i] = 1, 1
			if i%21 == 0 {
				glued[i*n+i-1], glued[(i-1)*n+i] = 1e-7, 1e-7
			}
		}
		for j := range i + 1 {
			v := r.NormFloat64()
			gauss[i*n+j], gauss[j*n+i] = v, v
			v *= math.Pow(1e-6, float64(i+j)/float64(n))
			graded[i*n+j], graded[j*n+i] = v, v
		}
	}
	m["gauss"], m["Wilkinson"], m["graded"], m["unit"], m["glued"] = gauss, wilkinson, graded, unit, glued
	return m
}

// tooLarge reports, with -test.short, matrices that an emulated processor has no time for.
func tooLarge(m, n int) bool { return testing.Short() && m*n > 65*65 }

// TestSymmetricIsAsExactAsLAPACK has its tests: ‖AVᵀ − VᵀΛ‖ / (n ε ‖A‖) and
// ‖VVᵀ − I‖ / (n ε) below 30, in the 1-norm, which LAPACK's own test takes.
func TestSymmetricIsAsExactAsLAPACK(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	for _, n := range []int{1, 2, 3, 5, 24, 31, 32, 33, 65, 100, 130, 257} {
		if tooLarge(n, n) {
			continue
		}
		for name, a := range symmetricMatrices(n) {
			t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
				t.Run("float32", func(t *testing.T) { symmetricCase[float32](t, p, n, a) })
				t.Run("float64", func(t *testing.T) { symmetricCase[float64](t, p, n, a) })
			})
		}
	}
}

func symmetricCase[T simd.Float](t *testing.T, p *par.Pool, n int, exact []float64) {
	a := make([]T, n*n)
	simd.Copy(a, n, exact, n, n, n)
	var x lin.Symmetric[T]
	values, vectors := make([]T, n), make([]T, n*n)
	require.NoError(t, x.Solve(p, n, append([]T(nil), a...), n, values, vectors, n))

	wide, v := make([]float64, n*n), make([]float64, n*n)
	simd.Copy(wide, n, a, n, n, n)
	simd.Copy(v, n, vectors, n, n, n)
	norm := 0.0
	for i := range n {
		sum := 0.0
		for _, w := range wide[i*n : (i+1)*n] {
			sum += math.Abs(w)
		}
		norm = max(norm, sum)
	}
	residual, gram := make([]float64, n*n), make([]float64, n*n)
	lin.Gemm(nil, false, false, n, n, n, 1, v, n, wide, n, 0, residual, n)
	lin.Gemm(nil, false, true, n, n, n, 1, v, n, v, n, 0, gram, n)
	worst, apart := 0.0, 0.0
	for i := range n {
		sum, off := 0.0, 0.0
		for j := range n {
			sum += math.Abs(residual[i*n+j] - float64(values[i])*v[i*n+j])
			if i == j {
				gram[i*n+j]--
			}
			off += math.Abs(gram[i*n+j])
		}
		worst, apart = max(worst, sum), max(apart, off)
		require.True(t, i == 0 || values[i-1] <= values[i], "value %d", i)
	}
	ulp := float64(n) * unit[T]()
	require.LessOrEqual(t, apart/ulp, 30.0, "orthogonality")
	if norm > 0 {
		require.LessOrEqual(t, worst/norm/ulp, 30.0, "residual")
	}

	alone := make([]T, n)
	require.NoError(t, x.Solve(nil, n, append([]T(nil), a...), n, alone, nil, 0))
	for i, w := range alone {
		require.InDelta(t, float64(values[i]), float64(w), 30*ulp*norm, "value %d without vectors", i)
	}
	again, v2 := make([]T, n), make([]T, n*n)
	require.NoError(t, x.Solve(nil, n, append([]T(nil), a...), n, again, v2, n))
	require.Equal(t, values, again, "on one worker")
	require.Equal(t, vectors, v2, "on one worker")
}

// TestSymmetricOfKnownSpectrum has the second difference, whose eigenvalues are
// 2 − 2cos(πk/(n+1)), and a 2×2 matrix with its roots in exact arithmetic.
func TestSymmetricOfKnownSpectrum(t *testing.T) {
	const n = 200
	a, values, vectors := make([]float64, n*n), make([]float64, n), make([]float64, n*n)
	for i := range n {
		a[i*n+i] = 2
		if i > 0 {
			a[i*n+i-1] = -1
		}
	}
	var x lin.Symmetric[float64]
	require.NoError(t, x.Solve(nil, n, a, n, values, vectors, n))
	for i, v := range values {
		require.InDelta(t, 2-2*math.Cos(math.Pi*float64(i+1)/(n+1)), v, 1e-13)
	}

	// λ = (a + d)/2 ± √(((a − d)/2)² + b²), by 200 bits.
	for _, m := range [][3]float64{{1, 1e-8, 1}, {1, 0.5, -3}, {3, 1e-3, 3 + 1e-6}, {1e100, 1e99, -1e98}} {
		exact := func(sign float64) float64 {
			f := func(v float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(v) }
			half := f(0).Quo(f(0).Sub(f(m[0]), f(m[2])), f(2))
			root := f(0).Sqrt(f(0).Add(f(0).Mul(half, half), f(0).Mul(f(m[1]), f(m[1]))))
			sum := f(0).Add(f(0).Quo(f(0).Add(f(m[0]), f(m[2])), f(2)), f(0).Mul(root, f(sign)))
			v, _ := sum.Float64()
			return v
		}
		values := make([]float64, 2)
		require.NoError(t, x.Solve(nil, 2, []float64{m[0], 0, m[1], m[2]}, 2, values, make([]float64, 4), 2))
		scale := math.Abs(m[0]) + math.Abs(m[1]) + math.Abs(m[2])
		require.InDelta(t, exact(-1), values[0], 4*0x1p-53*scale)
		require.InDelta(t, exact(1), values[1], 4*0x1p-53*scale)
	}
}

func TestSymmetricRefusesWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for at := range 3 {
			a := []float64{1, 0, 0, 1, 1, 0, 0, 0, 1}
			a[[]int{0, 3, 7}[at]] = bad
			var x lin.Symmetric[float64]
			require.ErrorIs(t, x.Solve(nil, 3, a, 3, make([]float64, 3), make([]float64, 9), 3), lin.ErrNotFinite)
		}
	}
}

func TestSymmetricAllocatesNothing(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	t.Run("float32", func(t *testing.T) { symmetricAllocs[float32](t, p) })
	t.Run("float64", func(t *testing.T) { symmetricAllocs[float64](t, p) })
}

func symmetricAllocs[T simd.Float](t *testing.T, p *par.Pool) {
	const n = 150
	a := make([]T, n*n)
	simd.Copy(a, n, symmetricMatrices(n)["gauss"], n, n, n)
	b, values, vectors := make([]T, n*n), make([]T, n), make([]T, n*n)
	var x lin.Symmetric[T]
	require.Zero(t, testing.AllocsPerRun(5, func() {
		copy(b, a)
		if x.Solve(p, n, b, n, values, vectors, n) != nil {
			t.Error("no eigenvalues")
		}
	}))
}
