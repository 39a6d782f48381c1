package simd_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// A special is a function of one number: ours, and by the standard library in float64.
type special struct {
	name string
	f32  func(dst, x []float32)
	f64  func(dst, x []float64)
	want func(x float64) float64

	ulps       float64 // of float32
	low, high  float64 // at −∞ and +∞
	ulps64     float64
	lo, hi     float64 // where it is compared
	nearZeroIs float64 // f(x)/x for tiny x, 0 where f(0) is not 0
}

func specials() []special {
	sigmoid := func(x float64) float64 {
		if x < 0 {
			return math.Exp(x) / (1 + math.Exp(x))
		}
		return 1 / (1 + math.Exp(-x))
	}
	return []special{
		{"tanh", simd.Tanh[float32], simd.Tanh[float64], math.Tanh, 2, -1, 1, 4, -30, 30, 1},
		{"sigmoid", simd.Sigmoid[float32], simd.Sigmoid[float64], sigmoid, 2, 0, 1, 4, -104, 40, 0},
		{"silu", simd.SiLU[float32], simd.SiLU[float64], func(x float64) float64 { return x * sigmoid(x) },
			2, 0, inf, 5, -100, 100, 0.5},
		{"gelu", simd.GELU[float32], simd.GELU[float64],
			func(x float64) float64 { return x * math.Erfc(-x/math.Sqrt2) / 2 }, 2, 0, inf, 2000, -14, 14, 0.5},
		{"gelu by tanh", simd.GELUTanh[float32], simd.GELUTanh[float64], func(x float64) float64 {
			return x * sigmoid(2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))
		}, 2, 0, inf, 2000, -8, 9, 0.5},
	}
}

// ulps returns how many units in the last place of want, as a float32, got is off.
func ulps(want float64, got float32) float64 {
	w := float32(want)
	unit := math.Abs(float64(math.Float32frombits(math.Float32bits(w)&^(1<<31)+1))) - math.Abs(float64(w))
	return math.Abs(float64(got)-want) / unit
}

// TestSpecialsAreExact samples float32 by its bits, so that all magnitudes come, and
// float64 within the interval.
func TestSpecialsAreExact(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		for _, f := range specials() {
			r := rand.New(rand.NewPCG(1, 2))
			const n = 1 << 18
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i] = math.Float32frombits(r.Uint32())
				if a := math.Abs(float64(x[i])); !(a < 200) || i%2 == 0 {
					x[i] = float32(f.lo + (f.hi-f.lo)*r.Float64())
				}
			}
			f.f32(y, x)
			worst, at := 0.0, float32(0)
			for i, v := range x {
				if u := ulps(f.want(float64(v)), y[i]); !(u <= worst) {
					worst, at = u, v
				}
			}
			require.LessOrEqual(t, worst, f.ulps, "%s of %v, units in the last place", f.name, at)
			x64, y64 := make([]float64, n), make([]float64, n)
			for i := range x64 {
				x64[i] = f.lo + (f.hi-f.lo)*r.Float64()
				if i%2 == 0 {
					x64[i] = r.NormFloat64()
				}
			}
			f.f64(y64, x64)
			for i, v := range x64 {
				w := f.want(v)
				require.InDelta(t, 0, (y64[i]-w)/math.Abs(w), f.ulps64*0x1p-53, "%s of %v", f.name, v)
			}
		}
	})
}

// TestSpecialsAtTheEdges: infinities, NaN, zeros and subnormal numbers, and the same bits
// wherever a slice is cut.
func TestSpecialsAtTheEdges(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		for _, f := range specials() {
			edges(t, f, f.f32, 0x1p-140)
			edges(t, f, f.f64, 0x1p-1060)
		}
	})
}

func edges[T simd.Float](t *testing.T, f special, kernel func(dst, x []T), tiny float64) {
	x := []T{T(-inf), T(inf), T(nan), 0, T(tiny), T(-tiny), T(math.Inf(1)), -1e30, 1e30}
	y := make([]T, len(x))
	kernel(y, x)
	require.True(t, float64(y[0]) == f.low, "%s(−∞) = %v", f.name, y[0])
	require.EqualValues(t, f.high, y[1], "%s(∞)", f.name)
	require.True(t, y[2] != y[2], "%s(NaN) = %v", f.name, y[2])
	require.EqualValues(t, f.want(0), y[3], f.name)
	require.True(t, float64(y[7]) == f.low, "%s(−1e30) = %v", f.name, y[7])
	if f.nearZeroIs != 0 {
		require.InDelta(t, f.nearZeroIs, float64(y[4])/tiny, 1e-2, "%s of a subnormal number", f.name)
		require.EqualValues(t, -y[4], y[5], f.name)
	}
	r := rand.New(rand.NewPCG(3, 4))
	long := sample[T](r, 1000)
	whole, parts := make([]T, len(long)), make([]T, len(long))
	kernel(whole, long)
	for lo := 0; lo < len(long); {
		hi := min(len(long), lo+1+r.IntN(70))
		kernel(parts[lo:hi], long[lo:hi])
		lo = hi
	}
	same(t, whole, parts, f.name)
}

// TestMostIsTheLargest compares with the standard library at all lengths.
func TestMostIsTheLargest(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for n := 1; n < 200; n++ {
			x, y := make([]float32, n), make([]float64, n)
			for i := range x {
				x[i], y[i] = float32(r.NormFloat64())-9, r.NormFloat64()-9
			}
			require.Equal(t, slices.Max(x), simd.Most(x), n)
			require.Equal(t, slices.Max(y), simd.Most(y), n)
		}
	})
}

func TestShiftMulIsItsFormula(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		each(t, "shiftMul", func(x, y float32) float32 { return (x + 3) * y },
			func(dst, x, y []float32) { simd.ShiftMul(dst, x, y, 3) })
		each(t, "shiftMul", func(x, y float64) float64 { return (x + 3) * y },
			func(dst, x, y []float64) { simd.ShiftMul(dst, x, y, 3) })
	})
}
