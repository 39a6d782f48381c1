package coding_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/coding"
)

// BenchmarkClustering groups samples of four subspaces, a quarter as large as their
// space, every sample alone to begin with: by the samples, by the features, by the
// groups where merging ends, about means, and in blocks.
func BenchmarkClustering(b *testing.B) {
	for _, c := range []struct {
		n, d, k, block int
		affine         bool
	}{
		{n: 100, d: 12}, {n: 200, d: 12}, {n: 400, d: 12}, {n: 800, d: 12}, {n: 1600, d: 12}, {n: 3200, d: 12},
		{n: 400, d: 3}, {n: 400, d: 6}, {n: 400, d: 24}, {n: 400, d: 48},
		{n: 400, d: 12, k: 200}, {n: 400, d: 12, k: 50}, {n: 400, d: 12, k: 1},
		{n: 400, d: 12, affine: true},
		{n: 1600, d: 12, block: 200}, {n: 3200, d: 12, block: 200},
	} {
		name := fmt.Sprintf("n=%d/d=%d/k=%d/block=%d/affine=%v", c.n, c.d, c.k, c.block, c.affine)
		b.Run(name, func(b *testing.B) {
			rank, n := max(1, c.d/4), c.n/4
			x, _ := mixture(rand.New(rand.NewPCG(1, 1)), c.d, []int{n, n, n, n}, []int{rank, rank, rank, rank}, 0.01)
			b.ReportAllocs()
			for b.Loop() {
				_, err := coding.Clustering{Eps2: 0.05 * 0.05, Affine: c.affine, Groups: c.k,
					Block: c.block}.Fit(b.Context(), x)
				require.NoError(b, err)
			}
		})
	}
}
