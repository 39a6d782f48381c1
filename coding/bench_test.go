package coding_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/coding"
)

// BenchmarkClustering groups samples of four subspaces, every sample alone to begin
// with: by their number, their dimension and where merging ends.
func BenchmarkClustering(b *testing.B) {
	for _, c := range []struct{ n, d, k int }{
		{100, 12, 0}, {200, 12, 0}, {400, 12, 0}, {800, 12, 0}, {1600, 12, 0},
		{400, 3, 0}, {400, 6, 0}, {400, 24, 0}, {400, 48, 0},
		{400, 12, 200}, {400, 12, 50},
	} {
		for _, affine := range []bool{false, true} {
			b.Run(fmt.Sprintf("n=%d/d=%d/k=%d/affine=%v", c.n, c.d, c.k, affine), func(b *testing.B) {
				rank, n := max(1, c.d/4), c.n/4
				x, _ := mixture(rand.New(rand.NewPCG(1, 1)), c.d, []int{n, n, n, n}, []int{rank, rank, rank, rank}, 0.01)
				b.ReportAllocs()
				for b.Loop() {
					_, err := coding.Clustering{Eps2: 0.05 * 0.05, Affine: affine, Groups: c.k}.Fit(b.Context(), x)
					require.NoError(b, err)
				}
			})
		}
	}
}
