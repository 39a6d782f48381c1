package simd_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// onEachLevel runs f on every level of this machine.
func onEachLevel(t *testing.T, f func(t *testing.T)) {
	before := simd.Active()
	defer func() { require.NoError(t, simd.Use(before)) }()
	for _, l := range simd.Levels() {
		t.Run(l.String(), func(t *testing.T) {
			require.NoError(t, simd.Use(l))
			f(t)
		})
	}
}

func TestTileIsTheSumOfProducts(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", tileIsTheSum[float32])
		t.Run("float64", tileIsTheSum[float64])
	})
}

// tileIsTheSum checks small integers, whose sums are exact in any order, for all
// tile sizes; elements outside the tile must be kept and not be read.
func tileIsTheSum[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	nan := T(math.NaN())
	tile := simd.NewTile[T]()
	ints := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(r.IntN(19) - 9)
		}
		return x
	}
	for _, kc := range []int{0, 1, 4, 7, 8} {
		for mr := 1; mr <= tile.Rows; mr++ {
			for nr := 1; nr <= tile.Cols; nr++ {
				rsa, csa, ldb, ldc := 9, 1, nr+2, nr+1
				if nr%2 == 0 {
					rsa, csa = 1, tile.Rows+1
				}
				a, b, c := ints(120), ints(kc*ldb+1), ints(mr*ldc)
				for l := range kc {
					b[l*ldb+nr], b[l*ldb+nr+1] = nan, nan
				}
				b = b[:max(1, kc*ldb-2)]
				beta := T(nr%3 - 1)
				alpha := T(2 - mr%4)
				want := append([]T(nil), c...)
				for i := range mr {
					for j := range nr {
						s := beta * c[i*ldc+j]
						for l := range kc {
							s += alpha * a[i*rsa+l*csa] * b[l*ldb+j]
						}
						want[i*ldc+j] = s
						if beta == 0 {
							c[i*ldc+j] = nan
						}
					}
				}
				tile.Call(kc, &a[0], rsa, csa, &b[0], ldb, &c[0], ldc, mr, nr, alpha, beta)
				require.Equal(t, want, c, fmt.Sprintf("kc=%d mr=%d nr=%d alpha=%g beta=%g", kc, mr, nr, alpha, beta))
			}
		}
	}
}

func BenchmarkTile(b *testing.B) {
	b.Run("float32", benchmarkTile[float32])
	b.Run("float64", benchmarkTile[float64])
}

func benchmarkTile[T simd.Float](b *testing.B) {
	for _, l := range simd.Levels() {
		b.Run(l.String(), func(b *testing.B) {
			require.NoError(b, simd.Use(l))
			tile := simd.NewTile[T]()
			for _, kc := range []int{32, 256} {
				for nr := tile.Cols; nr >= tile.Cols/3; nr -= max(tile.Cols/3, 2) {
					b.Run(fmt.Sprintf("k%d/n%d", kc, nr), func(b *testing.B) {
						x, y, z := make([]T, kc*tile.Rows), make([]T, kc*tile.Cols), make([]T, tile.Rows*tile.Cols)
						for b.Loop() {
							tile.Call(kc, &x[0], 1, tile.Rows, &y[0], tile.Cols, &z[0], tile.Cols, tile.Rows, nr, 1, 1)
						}
						flops := 2 * float64(kc*tile.Rows*nr) * float64(b.N)
						b.ReportMetric(flops/b.Elapsed().Seconds()/1e9, "GFLOP/s")
					})
				}
			}
		})
	}
}
