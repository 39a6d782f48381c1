package lin_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// shapes are m, n, k: empty, single, odd, one tile, several chunks and blocks.
var shapes = [][3]int{
	{0, 3, 2}, {3, 0, 2}, {3, 4, 0}, {1, 1, 1}, {1, 17, 5}, {5, 1, 40}, {2, 3, 4}, {8, 48, 16}, {8, 8, 8},
	{9, 49, 33}, {13, 10, 100}, {64, 64, 32}, {65, 97, 129}, {33, 130, 641}, {40, 210, 350}, {1, 300, 400},
	{400, 1, 90}, {3, 50, 20}, {257, 5, 30}, {130, 100, 20},
	{40, 196, 350},
}

func TestGemmIsTheProduct(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", gemmIsTheProduct[float32])
		t.Run("float64", gemmIsTheProduct[float64])
	})
}

// gemmIsTheProduct compares with three loops on integers, exactly.
func gemmIsTheProduct[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pools := workers(t)
	for i, s := range shapes {
		for trans := range 4 {
			m, n, k := s[0], s[1], s[2]
			transA, transB := trans&1 != 0, trans&2 != 0
			lda, ldb, ldc := k+i%3, n+i%2, n+(i+1)%3 // each also without a gap
			rowsA, rowsB := m, k
			if transA {
				lda, rowsA = m+i%3, k
			}
			if transB {
				ldb, rowsB = k+i%2, n
			}
			alpha, beta := T(i%3-1), T((i+trans)%3-1)
			a, b, c := integers[T](r, rowsA*lda), integers[T](r, rowsB*ldb), integers[T](r, m*ldc)
			want := append([]T(nil), c...)
			for i := range m {
				for j := range n {
					var sum T
					for l := range k {
						x, y := a, b
						ia, ib := i*lda+l, l*ldb+j
						if transA {
							ia = l*lda + i
						}
						if transB {
							ib = j*ldb + l
						}
						sum += x[ia] * y[ib]
					}
					want[i*ldc+j] = alpha*sum + beta*want[i*ldc+j]
					if beta == 0 {
						c[i*ldc+j] = T(math.NaN())
					}
				}
			}
			for _, p := range pools {
				got := append([]T(nil), c...)
				lin.Gemm(p, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, got, ldc)
				require.Equal(t, want, got, "%v transA %t transB %t workers %d", s, transA, transB, p.Workers())
				got = append(got[:0], c...)
				lin.Pack(p, transB, k, n, b, ldb).Gemm(p, transA, m, alpha, a, lda, beta, got, ldc)
				require.Equal(t, want, got, "packed, %v transA %t transB %t workers %d", s, transA, transB, p.Workers())
			}
		}
	}
}

func TestGemmBitsDoNotDependOnWorkers(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		const m, n, k = 203, 155, 700
		a, b := normal[float32](r, m*k), normal[float32](r, k*n)
		var first []float32
		for _, p := range workers(t) {
			c := make([]float32, m*n)
			lin.Gemm(p, false, false, m, n, k, 0.3, a, k, b, n, 0, c, n)
			if first == nil {
				first = c
			}
			require.Equal(t, first, c)
		}
	})
}

// TestGemmIsAsExactAsItsTypeAllows compares with gonum's float64 product: the
// error of a sum of k products in any order is below k·u·Σ|a||b|.
func TestGemmIsAsExactAsItsTypeAllows(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		const m, n, k = 61, 83, 500
		a, b := normal[float64](r, m*k), normal[float64](r, n*k)
		a32, b32 := make([]float32, m*k), make([]float32, n*k)
		simd.Copy(a32, k, a, k, m, k)
		simd.Copy(b32, k, b, k, n, k)
		simd.Copy(a, k, a32, k, m, k)
		simd.Copy(b, k, b32, k, n, k)
		want, got64, got32 := make([]float64, m*n), make([]float64, m*n), make([]float32, m*n)
		gonum.Implementation{}.Dgemm(blas.NoTrans, blas.Trans, m, n, k, 1, a, k, b, k, 0, want, n)
		lin.Gemm(nil, false, true, m, n, k, 1, a, k, b, k, 0, got64, n)
		lin.Gemm(nil, false, true, m, n, k, 1, a32, k, b32, k, 0, got32, n)
		for i, w := range want {
			// Σ|a||b| of k products of standard normals is 2k/π ± a few √k.
			require.InDelta(t, w, got64[i], k*0x1p-53*2*k/math.Pi)
			require.InDelta(t, w, float64(got32[i]), k*0x1p-24*2*k/math.Pi/8)
		}
	})
}

func TestGemmBiasAddsAndCutsOff(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, s := range shapes {
			m, n, k := s[0], s[1], s[2]
			a, b, bias := integers[float32](r, m*k), integers[float32](r, n*k), integers[float32](r, n)
			for _, withBias := range []bool{false, true} {
				for _, relu := range []bool{false, true} {
					want, got := make([]float32, m*n), make([]float32, m*n)
					lin.Gemm(nil, false, true, m, n, k, 1, a, k, b, k, 0, want, n)
					for i := range want {
						if withBias {
							want[i] += bias[i%n]
						}
						if relu {
							want[i] = max(want[i], 0)
						}
						got[i] = float32(math.NaN())
					}
					v := bias
					if !withBias {
						v = nil
					}
					for _, p := range workers(t) {
						lin.GemmBias(p, false, true, m, n, k, a, k, b, k, v, relu, got, n)
						require.Equal(t, want, got, sizes(m, n, k))
					}
				}
			}
		}
	})
}

// TestGemmThenThresholds checks α, β, bias and threshold together, on integers.
func TestGemmThenThresholds(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, s := range shapes {
			m, n, k := s[0], s[1], s[2]
			a, b, c := integers[float64](r, m*k), integers[float64](r, n*k), integers[float64](r, m*n)
			bias, theta := integers[float64](r, n), integers[float64](r, n)
			for j := range theta {
				theta[j] = 3 * math.Abs(theta[j])
			}
			for _, withBias := range []bool{false, true} {
				e := lin.Epilogue[float64]{Theta: theta}
				if withBias {
					e.Bias = bias
				}
				want := append([]float64(nil), c...)
				lin.Gemm(nil, false, true, m, n, k, 2, a, k, b, k, -1, want, n)
				for i, v := range want {
					if withBias {
						v += bias[i%n]
					}
					// +0: the sign of zero is not asked for
					want[i] = math.Copysign(max(math.Abs(v)-theta[i%n], 0), v) + 0
				}
				for _, p := range workers(t) {
					got := append([]float64(nil), c...)
					lin.GemmThen(p, false, true, m, n, k, 2, a, k, b, k, -1, got, n, e)
					for i := range got {
						got[i] += 0
					}
					require.Equal(t, want, got, sizes(m, n, k))
				}
			}
		}
	})
}

func TestGemmBiasKeepsNaN(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		a, b, c := []float64{math.NaN(), -1, 1, 1}, []float64{1, 0, 0, 1}, make([]float64, 4)
		lin.GemmBias(nil, false, false, 2, 2, 2, a, 2, b, 2, nil, true, c, 2)
		assert.True(t, math.IsNaN(c[0]))
		assert.True(t, math.IsNaN(c[1]), "NaN·0 + -1·1")
		assert.Equal(t, []float64{1, 1}, c[2:])
	})
}

func TestGemmAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	const n = 150
	a, b, c := normal[float32](r, n*n), normal[float32](r, n*n), make([]float32, n*n)
	for _, p := range workers(t) {
		require.Zero(t, testing.AllocsPerRun(20, func() {
			lin.Gemm(p, true, true, n, n, n, 1, a, n, b, n, 0, c, n)
			lin.GemmBias(p, false, false, 3, n, n, a, n, b, n, c[:n], true, c[n:], n)
		}))
	}
}

func TestShortSlicesCrash(t *testing.T) {
	x, short := make([]float64, 100), make([]float64, 99)
	require.Panics(t, func() { lin.Gemm(nil, false, false, 10, 10, 10, 1, short, 10, x, 10, 0, x, 10) })
	require.Panics(t, func() { lin.Gemm(nil, false, false, 10, 10, 10, 1, x, 10, short, 10, 0, x, 10) })
	require.Panics(t, func() { lin.Gemm(nil, true, true, 10, 10, 10, 1, x, 10, short, 10, 0, x, 10) })
	require.Panics(t, func() { lin.Gemm(nil, false, false, 10, 10, 10, 1, x, 10, x, 10, 0, short, 10) })
	require.Panics(t, func() { lin.GemmBias(nil, false, false, 10, 10, 10, x, 10, x, 10, x[:9], true, x, 10) })
	require.Panics(t, func() { lin.Gram(nil, true, 10, 10, 1, short, 10, x, 10) })
	require.Panics(t, func() { lin.Gram(nil, true, 10, 10, 1, x, 10, short, 10) })
}
