package simd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestWideSumsHaveOneOrder compares with sums in float64 over lanes, the same bits
// on every level: products of float32 are exact there.
func TestWideSumsHaveOneOrder(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range lengths {
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], y[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
			}
			over := func(term func(i int) float64) float64 {
				var lanes [16]float64
				whole := n - n%16
				for i := range whole {
					lanes[i%16] += term(i)
				}
				sum := 0.0
				half := func(a, b float64) float64 { return a + b }
				var tree func(lo, step int) float64
				tree = func(lo, step int) float64 {
					if step == 16 {
						return lanes[lo]
					}
					return half(tree(lo, 2*step), tree(lo+step, 2*step))
				}
				if whole > 0 {
					sum = tree(0, 1)
				}
				for i := whole; i < n; i++ {
					sum += term(i)
				}
				return sum
			}
			require.Equal(t, over(func(i int) float64 { return float64(x[i]) }), simd.SumWide(x), n)
			require.Equal(t, over(func(i int) float64 { return float64(x[i]) * float64(y[i]) }), simd.DotWide(x, y), n)
			d := over(func(i int) float64 { return (float64(x[i]) - float64(y[i])) * (float64(x[i]) - float64(y[i])) })
			require.InDelta(t, d, simd.DistanceWide(x, y), 1e-14*(d+1), n) // squares of differences round
		}
	})
}

func TestWideSumsAreExactOnIntegers(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", wideSums[float32])
		t.Run("float64", wideSums[float64])
	})
}

func wideSums[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range lengths {
		x, y := make([]T, n), make([]T, n)
		sums, more := make([]float64, n+1), make([]float64, n+1)
		for i := range sums {
			sums[i] = float64(r.IntN(9))
			more[i] = sums[i]
		}
		wantSums, wantMore := append([]float64(nil), sums...), append([]float64(nil), more...)
		var sum, dot, distance float64
		for i := range x {
			x[i], y[i] = T(r.IntN(9)-4), T(r.IntN(9)-4)
			sum += float64(x[i])
			dot += float64(x[i] * y[i])
			distance += float64((x[i] - y[i]) * (x[i] - y[i]))
			wantSums[i] += float64(x[i])
			wantMore[i] += float64(x[i] * y[i])
		}
		require.Equal(t, sum, simd.SumWide(x))
		require.Equal(t, dot, simd.DotWide(x, y))
		require.Equal(t, distance, simd.DistanceWide(x, y))
		simd.AddWide(sums[:n], x)
		simd.MulAddWide(more[:n], x, y)
		require.Equal(t, wantSums, sums)
		require.Equal(t, wantMore, more)

		z := append([]T(nil), x...)
		simd.MulAdd(z, x, y)
		for i := range z {
			require.Equal(t, x[i]+x[i]*y[i], z[i])
		}
	}
}
