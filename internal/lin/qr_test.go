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

// rectangles are matrices of the kinds that LAPACK is tested with.
func rectangles(m, n int) map[string][]float64 {
	r := rand.New(rand.NewPCG(uint64(m), uint64(n)))
	fill := func(f func(i, j int) float64) []float64 {
		a := make([]float64, m*n)
		for i := range m {
			for j := range n {
				a[i*n+j] = f(i, j)
			}
		}
		return a
	}
	u, v := make([]float64, m), make([]float64, n)
	for i := range u {
		u[i] = r.NormFloat64()
	}
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return map[string][]float64{
		"zero":     fill(func(i, j int) float64 { return 0 }),
		"unit":     fill(func(i, j int) float64 { return map[bool]float64{true: 1}[i == j] }),
		"gauss":    fill(func(i, j int) float64 { return r.NormFloat64() }),
		"rank one": fill(func(i, j int) float64 { return u[i] * v[j] }),
		"graded":   fill(func(i, j int) float64 { return r.NormFloat64() * math.Pow(1e-6, float64(i+j)/float64(m+n)) }),
		"huge":     fill(func(i, j int) float64 { return 1e36 * r.NormFloat64() }),
		"tiny":     fill(func(i, j int) float64 { return 1e-30 * r.NormFloat64() }),
		"few":      fill(func(i, j int) float64 { return float64((i + j) % 2) }),
		"apart": fill(func(i, j int) float64 {
			return r.NormFloat64() * math.Pow(1e-12, float64(j)/float64(n))
		}),
	}
}

var shapesOfRectangles = [][2]int{{1, 1}, {1, 4}, {4, 1}, {3, 3}, {7, 5}, {32, 32},
	{33, 31}, {40, 90}, {90, 40}, {129, 129}}

// TestQRIsAsExactAsLAPACK has its tests: ‖A − QR‖ / (m ε ‖A‖) and ‖QᵀQ − I‖ / (m ε) below 30.
func TestQRIsAsExactAsLAPACK(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	for _, s := range shapesOfRectangles {
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
				t.Run("float32", func(t *testing.T) { qrCase[float32](t, p, s[0], s[1], a) })
				t.Run("float64", func(t *testing.T) { qrCase[float64](t, p, s[0], s[1], a) })
			})
		}
	}
}

func qrCase[T simd.Float](t *testing.T, p *par.Pool, m, n int, exact []float64) {
	k := min(m, n)
	a := make([]T, m*n)
	simd.Copy(a, n, exact, n, m, n)
	factor := append([]T(nil), a...)
	var x lin.Orthogonal[T]
	require.NoError(t, x.Factor(p, m, n, factor, n))
	q := make([]T, m*k)
	x.Columns(p, k, q, k)
	r := make([]float64, k*n)
	for i := range k {
		for j := i; j < n; j++ {
			r[i*n+j] = float64(factor[i*n+j])
		}
	}
	wide, wq := make([]float64, m*n), make([]float64, m*k)
	simd.Copy(wide, n, a, n, m, n)
	simd.Copy(wq, k, q, k, m, k)
	ulp := float64(max(m, n)) * unit[T]()
	require.LessOrEqual(t, misfit(m, n, k, wide, wq, r)/ulp, 30.0, "residual")
	require.LessOrEqual(t, apart(m, k, wq)/ulp, 30.0, "orthogonality")

	alone := append([]T(nil), a...)
	require.NoError(t, x.Factor(nil, m, n, alone, n))
	q2 := make([]T, m*k)
	x.Columns(nil, k, q2, k)
	require.Equal(t, q, q2, "on one worker")
	full := make([]T, m*m) // Q applied to the unit matrix
	for i := range m {
		full[i*m+i] = 1
	}
	x.Apply(p, m, full, m)
	for i := range m {
		for j := range k {
			require.InDelta(t, float64(q[i*k+j]), float64(full[i*m+j]), 30*ulp)
		}
	}
}

// misfit returns ‖A − B C‖/‖A‖ in the 1-norm of rows, of m×n, m×k and k×n, 0 of nothing.
func misfit(m, n, k int, a, b, c []float64) float64 {
	rest := append([]float64(nil), a...)
	lin.Gemm(nil, false, false, m, n, k, -1, b, k, c, n, 1, rest, n)
	return rowNorm(m, n, rest) / max(rowNorm(m, n, a), math.SmallestNonzeroFloat64)
}

// apart returns ‖QᵀQ − I‖ of an m×k matrix.
func apart(m, k int, q []float64) float64 {
	g := make([]float64, k*k)
	for i := range k {
		g[i*k+i] = -1
	}
	lin.Gemm(nil, true, false, k, k, m, 1, q, k, q, k, 1, g, k)
	return rowNorm(k, k, g)
}

// rowNorm returns the largest 1-norm of a row.
func rowNorm(m, n int, a []float64) (most float64) {
	for i := range m {
		sum := 0.0
		for _, v := range a[i*n : (i+1)*n] {
			sum += math.Abs(v)
		}
		most = max(most, sum)
	}
	return most
}

func TestQRRefusesWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		var x lin.Orthogonal[float64]
		require.ErrorIs(t, x.Factor(nil, 2, 2, []float64{1, 2, 3, bad}, 2), lin.ErrNotFinite)
	}
}

func TestQRAllocatesNothing(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	const m, n = 150, 100
	a := rectangles(m, n)["gauss"]
	b, q := make([]float64, m*n), make([]float64, m*n)
	var x lin.Orthogonal[float64]
	require.Zero(t, testing.AllocsPerRun(5, func() {
		copy(b, a)
		if x.Factor(p, m, n, b, n) != nil {
			t.Error("no factor")
		}
		x.Columns(p, n, q, n)
	}))
}
