package lin_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestGramIsTheProductInBothTriangles(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", gramIsTheProduct[float32])
		t.Run("float64", gramIsTheProduct[float64])
	})
}

func gramIsTheProduct[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pools := workers(t)
	sizes := [][2]int{{0, 3}, {3, 0}, {1, 1}, {2, 5}, {24, 24}, {25, 23}, {100, 7}, {7, 100}, {600, 65}, {130, 300}}
	if testing.Short() { // an emulated processor has the time for
		sizes = sizes[:len(sizes)-1]
	}
	for _, s := range sizes {
		for _, rows := range []bool{false, true} {
			n, d := s[0], s[1]
			ldz, size, depth, si, sl := d+2, d, n, 1, d+2
			if rows {
				size, depth, si, sl = n, d, ldz, 1
			}
			z := integers[T](r, n*ldz)
			for i := range z {
				z[i] += 0x1p-12 // float32 holds it; its products float32 does not
			}
			ldg := size + 1
			want := make([]float64, size*ldg)
			for i := range size {
				for j := range size {
					for l := range depth {
						want[i*ldg+j] += 0.5 * float64(z[i*si+l*sl]) * float64(z[j*si+l*sl])
					}
				}
			}
			for _, p := range pools {
				got := make([]float64, size*ldg)
				for i := range size {
					for j := range size {
						got[i*ldg+j] = math.NaN()
					}
				}
				lin.Gram(p, rows, n, d, 0.5, z, ldz, got, ldg)
				require.Equal(t, want, got, "%v rows %t workers %d", s, rows, p.Workers())
			}
		}
	}
}

// TestGramOfRowsIsThatOfACopy takes rows in any order, some of them twice.
func TestGramOfRowsIsThatOfACopy(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", gramOfRows[float32])
		t.Run("float64", gramOfRows[float64])
	})
}

func gramOfRows[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const all, ldz = 700, 41
	z := make([]T, all*ldz)
	for i := range z {
		z[i] = T(r.NormFloat64())
	}
	for _, s := range [][2]int{{0, 3}, {1, 1}, {7, 39}, {39, 7}, {600, 39}, {300, 1}} {
		n, d := s[0], s[1]
		order, copied := make([]int, n), make([]T, n*d)
		for i := range order {
			order[i] = r.IntN(all)
			copy(copied[i*d:(i+1)*d], z[order[i]*ldz:])
		}
		for _, rows := range []bool{false, true} {
			size := d
			if rows {
				size = n
			}
			want, got := make([]float64, size*size), make([]float64, size*size)
			for _, p := range workers(t) {
				lin.Gram(p, rows, n, d, 0.3, copied, d, want, size)
				lin.GramOf(p, rows, order, d, 0.3, z, ldz, got, size)
				require.Equal(t, want, got, "%v rows %t", s, rows)
			}
		}
	}
}

func TestGramBitsDoNotDependOnWorkers(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		const n, d = 700, 131
		z := normal[float32](r, n*d)
		var first []float64
		for _, p := range workers(t) {
			g := make([]float64, d*d)
			lin.Gram(p, false, n, d, 0.3, z, d, g, d)
			if first == nil {
				first = g
			}
			require.Equal(t, first, g)
		}
	})
}

func TestGramAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n, d = 70, 50
	z, g := normal[float32](r, n*d), make([]float64, n*n)
	for _, p := range workers(t) {
		require.Zero(t, testing.AllocsPerRun(20, func() {
			lin.Gram(p, false, n, d, 1, z, d, g, n)
			lin.Gram(p, true, n, d, 1, z, d, g, n)
		}))
	}
}
