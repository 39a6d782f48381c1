package lin_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestSVDIsAsExactAsLAPACK has its tests: ‖A − UΣVᵀ‖ / (max(m, n) ε ‖A‖), ‖UᵀU − I‖ and
// ‖VᵀV − I‖ by max(m, n) ε, all below 30; and values against gonum's QR iteration.
func TestSVDIsAsExactAsLAPACK(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	for _, s := range append(shapesOfRectangles, [2]int{2, 2}, [2]int{250, 250}, [2]int{200, 65}) {
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
				t.Run("float32", func(t *testing.T) { svdCase[float32](t, p, s[0], s[1], a) })
				t.Run("float64", func(t *testing.T) { svdCase[float64](t, p, s[0], s[1], a) })
			})
		}
	}
}

func svdCase[T simd.Float](t *testing.T, p *par.Pool, m, n int, exact []float64) {
	k := min(m, n)
	a := make([]T, m*n)
	simd.Copy(a, n, exact, n, m, n)
	var x lin.Singular[T]
	values, u, vt := make([]T, k), make([]T, m*k), make([]T, k*n)
	require.NoError(t, x.Solve(p, m, n, a, n, values, u, k, vt, n))

	wide, wu, wvt := make([]float64, m*n), make([]float64, m*k), make([]float64, k*n)
	simd.Copy(wide, n, a, n, m, n)
	simd.Copy(wu, k, u, k, m, k)
	simd.Copy(wvt, n, vt, n, k, n)
	v := make([]float64, n*k)
	simd.Transpose(v, k, wvt, n, k, n)
	ulp := float64(max(m, n)) * unit[T]()
	require.LessOrEqual(t, apart(m, k, wu)/ulp, 30.0, "left vectors")
	require.LessOrEqual(t, apart(n, k, v)/ulp, 30.0, "right vectors")
	for i, s := range values {
		require.GreaterOrEqual(t, s, T(0))
		require.True(t, i == 0 || values[i-1] >= s, "value %d", i)
		simd.Affine(wvt[i*n:(i+1)*n], float64(s), wvt[i*n:(i+1)*n], 0)
	}
	require.LessOrEqual(t, misfit(m, n, k, wide, wu, wvt)/ulp, 30.0, "residual")

	var peer mat.SVD
	if len(a) < 5000 && rowNorm(m, n, wide) < 1e30 && peer.Factorize(mat.NewDense(m, n, wide), mat.SVDNone) {
		for i, s := range peer.Values(nil) {
			require.InDelta(t, s, float64(values[i]), 30*ulp*peer.Values(nil)[0], "value %d", i)
		}
	}
	alone, u2, vt2 := make([]T, k), make([]T, m*k), make([]T, k*n)
	require.NoError(t, x.Solve(nil, m, n, a, n, alone, u2, k, vt2, n))
	require.Equal(t, values, alone, "on one worker")
	require.Equal(t, u, u2, "on one worker")
	require.Equal(t, vt, vt2, "on one worker")
}

// TestSVDOfTriangles has (a b; 0 d), whose values are known in exact arithmetic:
// σ² = (s ± √(s² − 4a²d²))/2 with s = a² + b² + d².
func TestSVDOfTriangles(t *testing.T) {
	for _, m := range [][3]float64{
		{1, 1, 1}, {1, 1e-9, 1}, {3, -2, 0.5}, {1e120, 1e110, 1e119}, {1e-200, 2e-200, 3e-200},
	} {
		f := func(v float64) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(v) }
		sq := func(v *big.Float) *big.Float { return f(0).Mul(v, v) }
		s := f(0).Add(f(0).Add(sq(f(m[0])), sq(f(m[1]))), sq(f(m[2])))
		root := f(0).Sqrt(f(0).Sub(sq(s), f(0).Mul(f(4), sq(f(0).Mul(f(m[0]), f(m[2]))))))
		most, _ := f(0).Sqrt(f(0).Quo(f(0).Add(s, root), f(2))).Float64()
		least, _ := f(0).Sqrt(f(0).Quo(f(0).Sub(s, root), f(2))).Float64()
		var x lin.Singular[float64]
		values := make([]float64, 2)
		require.NoError(t, x.Solve(nil, 2, 2, []float64{m[0], m[1], 0, m[2]}, 2, values, nil, 0, nil, 0))
		require.InDelta(t, most, values[0], 8*0x1p-53*most)
		require.InDelta(t, least, values[1], 8*0x1p-53*most)
	}
}

func TestSVDRefusesWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
		var x lin.Singular[float64]
		a := []float64{1, 2, 3, 4, bad, 6}
		require.ErrorIs(t, x.Solve(nil, 2, 3, a, 3, make([]float64, 2), nil, 0, nil, 0), lin.ErrNotFinite)
		require.ErrorIs(t, x.Solve(nil, 3, 2, a, 2, make([]float64, 2), nil, 0, nil, 0), lin.ErrNotFinite)
	}
}

func TestSVDAllocatesNothing(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	const m, n = 150, 130
	a := rectangles(m, n)["gauss"]
	values, u, vt := make([]float64, n), make([]float64, m*n), make([]float64, n*n)
	var x lin.Singular[float64]
	require.Zero(t, testing.AllocsPerRun(5, func() {
		if x.Solve(p, m, n, a, n, values, u, n, vt, n) != nil {
			t.Error("no values")
		}
	}))
}
