package subspace_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/subspace"
)

// BenchmarkEnSC writes 600 samples of six subspaces, with noise, by each other.
func BenchmarkEnSC(b *testing.B) {
	sizes, ranks := make([]int, 6), make([]int, 6)
	for j := range sizes {
		sizes[j], ranks[j] = 100, 5
	}
	x, _ := mixture(rand.New(rand.NewPCG(1, 1)), 30, sizes, ranks, 0.1)
	for _, tau := range []float64{1, 0.9} {
		b.Run(map[float64]string{1: "SSC", 0.9: "EnSC"}[tau], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := subspace.EnSC{Tau: tau}.Fit(b.Context(), x)
				require.NoError(b, err)
			}
		})
	}
}
