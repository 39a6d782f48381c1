package lin_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestGemmBatchIsOneProductAfterTheOther(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", gemmBatch[float32])
		t.Run("float64", gemmBatch[float64])
	})
}

func gemmBatch[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][3]int{{1, 1, 1}, {5, 7, 3}, {16, 16, 16}, {33, 20, 65}} {
		m, n, k := s[0], s[1], s[2]
		for _, count := range []int{0, 1, 2, 9} {
			for trans := range 4 {
				transA, transB := trans&1 != 0, trans&2 != 0
				lda, ldb := k, n
				if transA {
					lda = m
				}
				if transB {
					ldb = k
				}
				strideA, strideB, strideC := m*k+3, 0, m*n+1 // one B for all
				a, b, c := integers[T](r, 9*strideA), integers[T](r, k*n), integers[T](r, 9*strideC)
				want := append([]T(nil), c...)
				for i := range count {
					lin.Gemm(nil, transA, transB, m, n, k, 2, a[i*strideA:], lda, b, ldb, -1, want[i*strideC:], n)
				}
				for _, p := range workers(t) {
					got := append([]T(nil), c...)
					lin.GemmBatch(p, count, transA, transB, m, n, k, 2, a, lda, strideA, b, ldb, strideB, -1, got, n,
						strideC)
					require.Equal(t, want, got, "%d of %v", count, s)
				}
			}
		}
	}
}

// TestGemmBatchSplitsLargeProducts: above splitProducts each product has all workers.
func TestGemmBatchSplitsLargeProducts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n, count = 260, 2
	a, b := integers[float32](r, count*n*n), integers[float32](r, count*n*n)
	want := make([]float32, count*n*n)
	for i := range count {
		lin.Gemm(nil, false, false, n, n, n, 1, a[i*n*n:], n, b[i*n*n:], n, 0, want[i*n*n:], n)
	}
	for _, p := range workers(t) {
		got := make([]float32, count*n*n)
		lin.GemmBatch(p, count, false, false, n, n, n, 1, a, n, n*n, b, n, n*n, 0, got, n, n*n)
		require.Equal(t, want, got)
	}
}

func TestCholeskyBatchFactorsEachAndNamesTheFirstBad(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, n := range []int{1, 9, 40} {
			const count = 7
			stride := n*n + 2
			a := make([]float64, count*stride)
			for i := range count {
				copy(a[i*stride:], spd(r, n, n))
			}
			want := append([]float64(nil), a...)
			for i := range count {
				require.NoError(t, lin.Cholesky(nil, n, want[i*stride:], n))
			}
			for _, p := range workers(t) {
				got := append([]float64(nil), a...)
				require.NoError(t, lin.CholeskyBatch(p, count, n, got, n, stride))
				require.Equal(t, want, got)

				bad := append([]float64(nil), a...)
				bad[3*stride+n*n-1], bad[5*stride] = -1, -1
				err := lin.CholeskyBatch(p, count, n, bad, n, stride)
				require.ErrorIs(t, err, lin.ErrNotPositiveDefinite)
				require.ErrorContains(t, err, "matrix 3 of 7")
				require.Equal(t, want[6*stride:], bad[6*stride:], "the others are factored")
			}
		}
	})
}

func TestBatchesAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const n, count = 20, 5
	a, c, l := normal[float64](r, count*n*n), make([]float64, count*n*n), make([]float64, count*n*n)
	one := spd(r, n, n)
	for _, p := range workers(t) {
		require.Zero(t, testing.AllocsPerRun(20, func() {
			lin.GemmBatch(p, count, false, true, n, n, n, 1, a, n, n*n, a, n, n*n, 0, c, n, n*n)
			for i := range count {
				copy(l[i*n*n:], one)
			}
			if lin.CholeskyBatch(p, count, n, l, n, n*n) != nil {
				t.Fatal("not positive definite")
			}
			lin.Syrk(p, true, n, n, 1, a, n, 0, c, n)
			lin.Trsm(p, true, false, n, n, l, n, c, n)
		}))
	}
}
