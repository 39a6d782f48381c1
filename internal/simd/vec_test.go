package simd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// lengths are around the widths of vectors and of unrolled loops.
var lengths = []int{0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 129, 300}

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

// sample draws numbers, among them the difficult ones; at offsets of a common
// array, so that slices are not aligned.
func sample[T simd.Float](r *rand.Rand, n int) []T {
	odd := []float64{0, math.Copysign(0, -1), nan, inf, -inf, 1, -1}
	x := make([]T, n+3)
	for i := range x {
		x[i] = T(r.NormFloat64())
		if r.IntN(5) == 0 {
			x[i] = T(odd[r.IntN(len(odd))])
		}
	}
	return x[3:]
}

// same compares bits, but that all NaN are one.
func same[T simd.Float](t *testing.T, want, got []T, what string) {
	t.Helper()
	for i, w := range want {
		g := got[i]
		if w != w && g != g {
			continue
		}
		require.Equal(t, math.Float64bits(float64(w)), math.Float64bits(float64(g)), "%s: %g and %g at %d of %d", what,
			w, g, i, len(want))
	}
}

// each applies f element by element, guarded by elements that must be kept.
func each[T simd.Float](t *testing.T, what string, f func(x, y T) T, kernel func(dst, x, y []T)) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range lengths {
		x, y := sample[T](r, n), sample[T](r, n)
		want, got := make([]T, n+1), make([]T, n+1)
		for i := range n {
			want[i] = f(x[i], y[i])
		}
		want[n], got[n] = 7, 7
		kernel(got[:n], x, y)
		same(t, want, got, what)
		kernel(x, x, y)
		same(t, want[:n], x, what+" in place")
	}
}

func TestElementwiseKernelsHaveTheBitsOfTheirFormulas(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", elementwise[float32])
		t.Run("float64", elementwise[float64])
	})
}

func elementwise[T simd.Float](t *testing.T) {
	cut := func(x T) T {
		if x < 0 {
			return 0
		}
		return x
	}
	each(t, "add", func(x, y T) T { return x + y }, simd.Add[T])
	each(t, "sub", func(x, y T) T { return x - y }, simd.Sub[T])
	each(t, "mul", func(x, y T) T { return x * y }, simd.Mul[T])
	each(t, "relu", func(x, _ T) T { return cut(x) }, func(dst, x, _ []T) { simd.ReLU(dst, x) })
	each(t, "addReLU", func(x, y T) T { return cut(x + y) }, simd.AddReLU[T])
	each(t, "reluGrad", func(x, y T) T {
		if x > 0 {
			return y
		}
		return 0
	}, simd.ReLUGrad[T])
	each(t, "whereNonzero", func(s, x T) T {
		if s == 0 {
			return 0
		}
		return x
	}, simd.WhereNonzero[T])
	each(t, "signTimes", func(s, x T) T {
		switch {
		case s > 0:
			return x
		case s < 0:
			return 0 - x
		}
		return 0
	}, simd.SignTimes[T])
	each(t, "soft", func(x, y T) T {
		switch {
		case x > y:
			return x - y
		case x < -y:
			return x + y
		}
		return 0 * x
	}, simd.SoftThreshold[T])
}

// TestLinearKernelsAreExactOnIntegers: sums and products of small integers do not
// round, whether or not multiply and add are fused.
func TestLinearKernelsAreExactOnIntegers(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", linear[float32])
		t.Run("float64", linear[float64])
	})
}

func linear[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range lengths {
		x, y := make([]T, n), make([]T, n+1)
		var dot, sum T
		for i := range x {
			x[i], y[i] = T(r.IntN(9)-4), T(r.IntN(9)-4)
			dot += x[i] * y[i]
			sum += x[i]
		}
		y[n] = 5
		require.Equal(t, dot, simd.Dot(x, y), n)
		require.Equal(t, sum, simd.Sum(x), n)
		want := append([]T(nil), y...)
		for i := range x {
			want[i] = 3*(y[i]+2*x[i]) - x[i]
		}
		simd.Axpy(y[:n], 2, x)
		simd.Axpby(y[:n], -1, x, 3)
		require.Equal(t, want, y)

		z := append([]T(nil), y...)
		for i := range x {
			want[i] = 2*x[i] - 3*(5*y[i]-7) + 1
		}
		simd.Affine(z[:n], 5, y, -7)
		simd.Combine(z[:n], 2, x, -3, z, 1)
		require.Equal(t, want, z)
	}
}

func TestSumsDoNotDependOnAlignment(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		x, y := sample[float32](r, 400), make([]float32, 400)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		sum, dot := simd.Sum(x[:333]), simd.Dot(x[:333], x[:333])
		for shift := range 20 {
			z := y[shift : shift+333]
			copy(z, x)
			require.Equal(t, sum, simd.Sum(z))
			require.Equal(t, dot, simd.Dot(z, z))
		}
	})
}

func TestExpIsAccurate(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", func(t *testing.T) { expIsAccurate[float32](t, -104, 89, 0x1p-24, 0x1p-149) })
		t.Run("float64", func(t *testing.T) { expIsAccurate[float64](t, -746, 710, 0x1p-53, 0x1p-1074) })
	})
}

func expIsAccurate[T simd.Float](t *testing.T, lo, hi, unit, least float64) {
	const n = 20001
	x, y, z := make([]T, n), make([]T, n), make([]T, n)
	for i := range x {
		x[i] = T(lo + (hi-lo)*float64(i)/(n-1))
	}
	for i := range 2000 { // near zero more of them
		x[i] = T(float64(i-1000) / 700)
	}
	simd.Exp(y, x)
	simd.ExpShift(z, x, 0.5)
	for i, v := range x {
		want := math.Exp(float64(v)/2) * math.Exp(float64(v)/2)
		if limit := math.MaxFloat32; unit > 0x1p-30 && want > limit {
			want = inf
		}
		if want == inf {
			require.Equal(t, inf, float64(y[i]))
			continue
		}
		// 2 units in the last place, which are 4 rounding units at most, and those
		// of the reference, a square since math.Exp overflows early; 2 of the least number.
		own := 4 * 0x1p-53
		require.InDelta(t, want, float64(y[i]), (4*unit+own)*want+2*least, "exp(%g)", v)
		shifted := math.Exp(float64(v-0.5)/2) * math.Exp(float64(v-0.5)/2)
		require.InDelta(t, shifted, float64(z[i]), (4*unit+own)*shifted+2*least, "exp(%g)", v-0.5)
	}
	special := []T{T(nan), T(inf), T(-inf), 0, T(math.Copysign(0, -1)), T(2 * hi), T(2 * lo)}
	simd.Exp(special, special)
	same(t, []T{T(nan), T(inf), 0, 1, 1, T(inf), 0}, special, "exp")
}

func TestExpDoesNotDependOnPosition(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		for _, n := range lengths {
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = -1.2345
			}
			simd.Exp(y, x)
			for i := range y {
				require.Equal(t, y[0], y[i])
			}
		}
	})
}

func TestShortVectorsCrash(t *testing.T) {
	x, short := make([]float64, 5), make([]float64, 4)[:4:4]
	require.Panics(t, func() { simd.Add(x, x, short) })
	require.Panics(t, func() { simd.Dot(x, short) })
	require.Panics(t, func() { simd.Exp(x, short) })
	require.Panics(t, func() { simd.AdamStep(x, x, short, x, simd.Adam[float64]{}) })
	require.Panics(t, func() { simd.SGDStep(x, x, short, simd.SGD[float64]{}) })
}

func BenchmarkVectors(b *testing.B) {
	const n = 4096 // 16 KiB a vector: what the first-level cache holds of two
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	for name, f := range map[string]func(){
		"axpy": func() { simd.Axpy(y, 0.5, x) },
		"dot":  func() { simd.Dot(x, y) },
		"sum":  func() { simd.Sum(x) },
		"exp":  func() { simd.Exp(y, x) },
		"relu": func() { simd.ReLU(y, x) },
		"soft": func() { simd.SoftThreshold(y, x, z) },
		"sgd":  func() { simd.SGDStep(x, y, z, simd.SGD[float32]{Keep: 0.9, Add: 1, Trace: 1, LR: 1e-9}) },
		"wide": func() { simd.SumWide(x) },
	} {
		for _, l := range simd.Levels() {
			b.Run(name+"/"+l.String(), func(b *testing.B) {
				require.NoError(b, simd.Use(l))
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
