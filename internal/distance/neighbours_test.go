package distance_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// TestNeighboursAreTheHeadOfASort has points of a few magnitudes, many of them equal.
func TestNeighboursAreTheHeadOfASort(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	rapid.Check(t, func(r *rapid.T) {
		n, d := rapid.IntRange(2, 200).Draw(r, "n"), rapid.IntRange(1, 20).Draw(r, "d")
		others := rapid.Bool().Draw(r, "others")
		k := rapid.IntRange(1, n-1).Draw(r, "k")
		draws := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		shift := math.Ldexp(1, rapid.IntRange(-40, 40).Draw(r, "shift"))
		spread := rapid.IntRange(0, 40).Draw(r, "spread")
		draw := func(rows int) []float64 {
			x := make([]float64, rows*d)
			for i := range x {
				x[i] = shift + math.Ldexp(math.Round(2*draws.NormFloat64()), -draws.IntN(spread+1))
			}
			return x
		}
		x := draw(n)
		queries, m := x, n
		if !others {
			m = rapid.IntRange(1, 100).Draw(r, "m")
			queries = draw(m)
		}
		p := distance.NewPoints(pool, x, n, d, d)
		at, far := make([]int32, m*k), make([]float64, m*k)
		p.Neighbours(pool, queries, m, d, k, others, at, far)
		for i := range m {
			all := make([]int32, 0, n)
			squared := func(j int32) float64 { return distance.Squared(queries[i*d:(i+1)*d], p.Row(int(j))) }
			for j := range n {
				if !others || j != i {
					all = append(all, int32(j))
				}
			}
			slices.SortStableFunc(all, func(a, b int32) int { return cmp.Compare(squared(a), squared(b)) })
			require.Equal(r, all[:k], at[i*k:(i+1)*k], "row %d", i)
			for e, j := range all[:k] {
				require.Equal(r, squared(j), far[i*k+e])
			}
		}
	})
}
