package lin_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestRowsOfAPackedProductDoNotDependOnTheOthers(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", packedRows[float32])
		t.Run("float64", packedRows[float64])
	})
}

func packedRows[T simd.Float](t *testing.T) {
	const m, k, n = 37, 700, 53
	r := rand.New(rand.NewPCG(3, 4))
	a, b := normal[T](r, m*k), normal[T](r, k*n)
	q := lin.Pack(nil, true, k, n, b, k)
	all := make([]T, m*n)
	q.Gemm(nil, false, m, 1, a, k, 0, all, n)
	for _, rows := range []int{1, 2, 3, 8, 20} {
		for lo := 0; lo < m; lo += rows {
			some := make([]T, min(rows, m-lo)*n)
			q.Gemm(nil, false, len(some)/n, 1, a[lo*k:], k, 0, some, n)
			require.Equal(t, all[lo*n:lo*n+len(some)], some, "%d rows from %d on", rows, lo)
		}
	}
}

// TestAPackedMatrixServesAnotherLevel: it was packed for tiles of another width.
func TestAPackedMatrixServesAnotherLevel(t *testing.T) {
	const m, k, n = 9, 20, 70
	r := rand.New(rand.NewPCG(3, 4))
	a, b := integers[float32](r, m*k), integers[float32](r, k*n)
	q := lin.Pack(nil, false, k, n, b, n)
	want := make([]float32, m*n)
	lin.Gemm(nil, false, false, m, n, k, 1, a, k, b, n, 0, want, n)
	onEachLevel(t, func(t *testing.T) {
		got := make([]float32, m*n)
		q.Gemm(nil, false, m, 1, a, k, 0, got, n)
		require.Equal(t, want, got)
	})
}
