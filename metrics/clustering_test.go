package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/metrics"
)

// best returns the greatest number of samples that any matching of clusters to
// classes gets right, by trying all.
func best(clusters, labels []int, k int, used []bool, at int) int {
	if at == k {
		return 0
	}
	most := best(clusters, labels, k, used, at+1) // cluster at has no class
	for y := range k {
		if used[y] {
			continue
		}
		right := 0
		for i, g := range clusters {
			if g == at && labels[i] == y {
				right++
			}
		}
		used[y] = true
		most = max(most, right+best(clusters, labels, k, used, at+1))
		used[y] = false
	}
	return most
}

// TestClusterMetrics compares with other methods: accuracy with all matchings, NMI
// with its form by the joint entropy, ARI with all pairs of samples; and checks that
// the names of groups do not matter, nor which partition comes first.
func TestClusterMetrics(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, k := rapid.IntRange(1, 20).Draw(r, "n"), rapid.IntRange(1, 5).Draw(r, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		g, y, renamed := make([]int, n), make([]int, n), make([]int, n)
		for i := range n {
			g[i], y[i] = rng.IntN(k), rng.IntN(k)
			if rng.IntN(2) == 0 {
				y[i] = g[i]
			}
			renamed[i] = 100 - 7*g[i]
		}
		check := func(want, tol float64, metric func(a, b []int) (float64, error)) {
			for _, pair := range [][2][]int{{g, y}, {y, g}, {renamed, y}} {
				got, err := metric(pair[0], pair[1])
				require.NoError(r, err)
				require.InDelta(r, want, got, tol)
			}
		}
		check(float64(best(g, y, k, make([]bool, k), 0))/float64(n), 1e-12, metrics.ClusterAccuracy)
		check(nmi(g, y, k), 1e-9, metrics.NMI)
		check(ari(g, y), 1e-9, metrics.ARI)
	})
}

func nmi(g, y []int, k int) float64 {
	entropy := func(of func(i int) int) (h float64) {
		count := map[int]float64{}
		for i := range g {
			count[of(i)] += 1 / float64(len(g))
		}
		for _, p := range count {
			h -= p * math.Log(p)
		}
		return h
	}
	a, b := entropy(func(i int) int { return g[i] }), entropy(func(i int) int { return y[i] })
	if a+b == 0 {
		return 1
	}
	return (a + b - entropy(func(i int) int { return g[i]*k + y[i] })) / ((a + b) / 2)
}

func ari(g, y []int) float64 {
	var both, ing, iny, all float64
	for i := range g {
		for j := range i {
			all++
			if g[i] == g[j] {
				ing++
			}
			if y[i] == y[j] {
				iny++
			}
			if g[i] == g[j] && y[i] == y[j] {
				both++
			}
		}
	}
	if all == 0 || (ing+iny)/2 == ing*iny/all {
		return 1
	}
	return (both - ing*iny/all) / ((ing+iny)/2 - ing*iny/all)
}

// TestClusterMetricsPublished has the examples of scikit-learn's documentation.
func TestClusterMetricsPublished(t *testing.T) {
	for _, c := range []struct {
		g, y     []int
		nmi, ari float64
	}{
		{[]int{0, 0, 1, 1}, []int{0, 0, 1, 1}, 1, 1},
		{[]int{1, 1, 0, 0}, []int{0, 0, 1, 1}, 1, 1},
		{[]int{0, 0, 0, 0}, []int{0, 1, 2, 3}, 0, 0},
		{[]int{0, 0, 1, 1}, []int{0, 0, 1, 2}, 0.8, 0.5714285714285714},
		{[]int{0, 1, 0, 1}, []int{0, 0, 1, 1}, 0, -0.5},
	} {
		got, err := metrics.NMI(c.g, c.y)
		require.NoError(t, err)
		require.InDelta(t, c.nmi, got, 1e-12)
		got, err = metrics.ARI(c.g, c.y)
		require.NoError(t, err)
		require.InDelta(t, c.ari, got, 1e-12)
	}
	got, err := metrics.ClusterAccuracy([]int{0, 0, 1, 1, 2, 2}, []int{5, 5, 5, 5, 9, 9})
	require.NoError(t, err)
	require.InDelta(t, 4.0/6, got, 1e-12, "two clusters cannot both be class 5")
	for _, metric := range []func(a, b []int) (float64, error){metrics.ClusterAccuracy, metrics.NMI, metrics.ARI} {
		_, err := metric([]int{1}, []int{1, 2})
		require.ErrorIs(t, err, metrics.ErrInput)
		_, err = metric(nil, nil)
		require.ErrorIs(t, err, metrics.ErrInput)
	}
}
