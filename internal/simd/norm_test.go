package simd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// wholes draws small integers, whose sums and products do not round, and, if odd is
// set, NaN and infinities.
func wholes[T simd.Float](r *rand.Rand, n int, odd bool) []T {
	x := make([]T, n+1)
	for i := range x {
		x[i] = T(r.IntN(9) - 4)
		if odd && r.IntN(6) == 0 {
			x[i] = []T{T(nan), T(inf), T(-inf)}[r.IntN(3)]
		}
	}
	return x[1:]
}

func TestNormKernelsAreTheirFormulas(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", norms[float32])
		t.Run("float64", norms[float64])
	})
}

func norms[T simd.Float](t *testing.T) {
	cut := func(v T) T {
		if v < 0 {
			return 0
		}
		return v
	}
	r := rand.New(rand.NewPCG(1, 3))
	for _, n := range lengths {
		x, y := wholes[T](r, n, true), wholes[T](r, n, true)
		want, got := make([]T, n), make([]T, n)
		run := func(what string, f func(x, y T) T, kernel func()) {
			for i := range want {
				want[i], got[i] = f(x[i], y[i]), 99
			}
			kernel()
			same(t, want, got, what)
		}
		run("centre", func(x, _ T) T { return 3*(x-7) - 2 }, func() { simd.Centre(got, 3, x, 7, -2) })
		run("centreReLU", func(x, _ T) T { return cut(3*(x-7) - 2) }, func() { simd.CentreReLU(got, 3, x, 7, -2) })
		run("centreAddReLU", func(x, y T) T { return cut(2*(x+5) + 1 + y) },
			func() { simd.CentreAddReLU(got, 2, x, y, -5, 1) })
		run("centreCombine", func(x, y T) T { return 5*y + 3*(x-7) - 1 },
			func() { simd.CentreCombine(got, 5, y, 3, x, 7, -1) })
		run("cutCombine", func(x, y T) T {
			if !(2*(x-7)-3 > 0) {
				y = 0
			}
			return 5*y + 3*(x-7) - 1
		}, func() { simd.CutCombine(got, 5, y, 3, x, 7, -1, 2, -3) })
		copy(got, y)
		simd.CutCombine(got, 5, got, 3, x, 7, -1, 2, -3)
		same(t, want, got, "cutCombine in place")
	}
}

func TestMomentsAreSums(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", momentSums[float32])
		t.Run("float64", momentSums[float64])
	})
}

func momentSums[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	for _, n := range lengths {
		x, d := wholes[T](r, n, false), wholes[T](r, n, false)
		var want [6]float64
		for i, v := range x {
			e := float64(v) - 0.5
			want[0], want[1] = want[0]+e, want[1]+e*e
			want[2], want[3] = want[2]+float64(d[i]), want[3]+float64(d[i])*e
			if 2*(v-1)-3 > 0 {
				want[4], want[5] = want[4]+float64(d[i]), want[5]+float64(d[i])*e
			}
		}
		var got [6]float64
		got[0], got[1] = simd.Moments(x, 0.5)
		got[2], got[3] = simd.CoMoments(d, x, 0.5)
		got[4], got[5] = simd.CutMoments(d, x, 2, 1, -3, 0.5)
		require.Equal(t, want, got, n)
	}
	// 2²⁴ + 1 is no float32: the sums run in float64.
	x := make([]T, 64)
	for i := range x {
		x[i] = 1
	}
	x[3] = 1 << 24
	sum, squares := simd.Moments(x, 0)
	require.Equal(t, [2]float64{1<<24 + 63, 1<<48 + 63}, [2]float64{sum, squares})
	x[17] = T(nan)
	sum, squares = simd.Moments(x, 0)
	require.True(t, sum != sum && squares != squares)
}

func TestShortVectorsOfNormsCrash(t *testing.T) {
	x, short := make([]float64, 5), make([]float64, 4)[:4:4]
	require.Panics(t, func() { simd.CentreReLU(x, 1, short, 0, 0) })
	require.Panics(t, func() { simd.CentreAddReLU(x, 1, x, short, 0, 0) })
	require.Panics(t, func() { simd.Centre(x, 1, short, 0, 0) })
	require.Panics(t, func() { simd.CentreCombine(x, 1, short, 0, x, 0, 0) })
	require.Panics(t, func() { simd.CutCombine(x, 1, short, 0, x, 0, 0, 0, 0) })
	require.Panics(t, func() { simd.CoMoments(x, short, 0) })
	require.Panics(t, func() { simd.CutMoments(x, short, 1, 0, 0, 0) })
}
