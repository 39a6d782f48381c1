package simd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestLeastTwoIsTheHeadOfASort has many equal scores.
func TestLeastTwoIsTheHeadOfASort(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, w := range []int{1, 4, 24, 48, 50} {
			for rows := 1; rows < 40; rows++ {
				offsets, scores := make([]float32, rows), make([]float32, rows*w)
				for j := range offsets {
					offsets[j] = float32(r.IntN(5))
				}
				for i := range scores {
					scores[i] = float32(r.IntN(2*rows) - rows)
				}
				best, second, at := make([]float32, w), make([]float32, w), make([]int32, w)
				simd.LeastTwo(offsets, scores, best, second, at)
				for i := range w {
					first, next, row := float32(math.Inf(1)), float32(math.Inf(1)), 0
					for j := range rows {
						if v := offsets[j] + scores[j*w+i]; v < first {
							first, row = v, j
						}
					}
					for j := range rows {
						if j != row {
							next = min(next, offsets[j]+scores[j*w+i])
						}
					}
					require.Equal(t, [2]float32{first, next}, [2]float32{best[i], second[i]})
					require.EqualValues(t, row, at[i],
						"%d rows, column %d of %d", rows, i, w)
				}
			}
		}
	})
}

func TestBelowIsWhatDoesNotReachTheLimit(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for n := range 65 {
			a, b, want := make([]float32, n), make([]float32, n), uint64(0)
			for i := range n {
				a[i], b[i] = float32(r.IntN(5)), float32(r.IntN(5))
				if r.IntN(9) == 0 {
					a[i] = float32(math.NaN())
				}
				if !(a[i]+b[i] >= 4) {
					want |= 1 << i
				}
			}
			require.Equal(t, want, simd.Below(a, b, 4), "%d elements", n)
		}
	})
}

// TestAddRowsAddsInOrder compares bits with one addition after the other.
func TestAddRowsAddsInOrder(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for n := range 150 {
			ld := n + r.IntN(4)
			x := make([]float64, 20*ld+n)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			for count := range 6 {
				rows, sums, want := make([]int32, count), make([]float64, n+1), make([]float64, n+1)
				sums[n], want[n] = 7, 7
				for i := range rows {
					rows[i] = int32(r.IntN(21))
					for j := range n {
						want[j] += float64(0.3 * x[int(rows[i])*ld+j])
					}
				}
				simd.AddRows(sums[:n], 0.3, x, ld, rows)
				require.Equal(t, want, sums, "%d rows of %d", count, n)
			}
		}
		require.Panics(t, func() { simd.AddRows(make([]float64, 3), 1, make([]float64, 5), 3, []int32{1}) })
	})
}
