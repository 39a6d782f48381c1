package simd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestBothWaysIsItsDefinition(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", bothWays[float32])
		t.Run("float64", bothWays[float64])
	})
}

// bothWays has small integers, so that every sum is exact in any order.
func bothWays[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(r.IntN(17) - 8)
		}
		return x
	}
	for n := range 70 {
		lda := n + r.IntN(3)
		a, x, y := draw(3*lda+n), draw(n), draw(n+1)
		weights, sums := [simd.Four]T(draw(4)), [simd.Four]T(draw(4))
		want, wantSums := append([]T(nil), y...), [simd.Four]T{}
		for i := range simd.Four {
			for j := range n {
				want[j] += weights[i] * a[i*lda+j]
				wantSums[i] += a[i*lda+j] * x[j]
			}
		}
		simd.BothWays(a, lda, x, y[:n], &weights, &sums)
		require.Equal(t, want, y, "%d columns", n)
		require.Equal(t, wantSums, sums, "%d columns", n)
	}
}
