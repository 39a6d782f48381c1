package metrics_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/metrics"
)

func TestMatchedClustersHaveTheNamesOfTheirClasses(t *testing.T) {
	got, err := metrics.MatchClusters([]int{7, 7, 7, 3, 3, 9, 8}, []int{5, 5, 2, 2, 2, 2, 5})
	require.NoError(t, err)
	require.Equal(t, []int{5, 5, 5, 2, 2, 6, 7}, got)
	got, err = metrics.MatchClusters([]int{0, 0, 0}, []int{1, 2, 2})
	require.NoError(t, err)
	require.Equal(t, []int{2, 2, 2}, got)
	_, err = metrics.MatchClusters([]int{1}, nil)
	require.ErrorIs(t, err, metrics.ErrInput)
}

// TestMatchingIsThatOfTheAccuracy counts what is right under the new names, and
// checks that the partition is the same.
func TestMatchingIsThatOfTheAccuracy(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, k := rapid.IntRange(1, 20).Draw(r, "n"), rapid.IntRange(1, 5).Draw(r, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		g, y := make([]int, n), make([]int, n)
		for i := range n {
			g[i], y[i] = rng.IntN(k), rng.IntN(k)
		}
		named, err := metrics.MatchClusters(g, y)
		require.NoError(r, err)
		right := 0.0
		for i := range n {
			if named[i] == y[i] {
				right++
			}
			for j := range n {
				require.Equal(r, g[i] == g[j], named[i] == named[j])
			}
		}
		accuracy, err := metrics.ClusterAccuracy(g, y)
		require.NoError(r, err)
		require.InDelta(r, accuracy, right/float64(n), 1e-12)
	})
}
