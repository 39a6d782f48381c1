package subspace_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/subspace"
)

// TestHardThresholdIsThePublished compares ω(β) with the table of Gavish and Donoho: of a matrix
// whose median singular value is 1 it keeps those above, and none below.
func TestHardThresholdIsThePublished(t *testing.T) {
	for _, c := range []struct {
		n, d  int
		omega float64
	}{{1000, 50, 1.5194}, {500, 50, 1.6089}, {200, 50, 1.8371}, {100, 50, 2.1711}, {50, 100, 2.1711},
		{50, 50, 2.8582}} {
		for change, want := range map[float64]int{1.0002: 1, 0.9998: 0} {
			variances := make([]float64, 50)
			for i := range variances {
				variances[i] = 1
			}
			variances[0] = square(c.omega * change)
			got, err := subspace.HardThreshold(variances, c.n, c.d)
			require.NoError(t, err)
			require.Equal(t, want, got, "%d×%d, %v·ω", c.n, c.d, change)
		}
	}
}

// TestThresholdAndProfileFindTheRank has a strong signal of known rank in noise, about the origin
// and about a mean.
func TestThresholdAndProfileFindTheRank(t *testing.T) {
	for rank := 1; rank <= 5; rank++ {
		for seed := range uint64(3) {
			rng := rand.New(rand.NewPCG(14, seed))
			x, _ := mixture(rng, 20, []int{200}, []int{rank}, 0.1)
			for _, linear := range []bool{false, true} {
				require.Len(t, fit(t, subspace.PCA{Rule: subspace.ByThreshold, Linear: linear}, x).Variances, rank)
				require.Len(t, fit(t, subspace.PCA{Rule: subspace.ByProfile, Linear: linear}, x).Variances, rank)
			}
		}
	}
	noise := gauss(rand.New(rand.NewPCG(15, 15)), 200, 20)
	full := fit(t, subspace.PCA{Dim: 20}, noise)
	require.Zero(t, ok[int](t)(subspace.HardThreshold(full.Variances, 200, 20)), "all is noise")
	require.Len(t, fit(t, subspace.PCA{Rule: subspace.ByThreshold}, noise).Variances, 1)
	require.Equal(t, 2, ok[int](t)(subspace.ProfileLikelihood([]float64{10, 9, 1, 0.5, 0})))
	require.Equal(t, 1, ok[int](t)(subspace.ProfileLikelihood([]float64{1, 1, 1})))
	require.Equal(t, 1, ok[int](t)(subspace.ProfileLikelihood([]float64{3, 0})))
}

func TestThresholdRefuses(t *testing.T) {
	for want, call := range map[string]func() (int, error){
		"3 variances of an 5×4 matrix, want 4": func() (int, error) {
			return subspace.HardThreshold([]float64{3, 2, 1}, 5, 4)
		},
		"no variances": func() (int, error) { return subspace.HardThreshold(nil, 1, 1) },
		"variance 1 is 4": func() (int, error) {
			return subspace.ProfileLikelihood([]float64{3, 4})
		},
		"profile likelihood of 1 variance, want": func() (int, error) {
			return subspace.ProfileLikelihood([]float64{3})
		},
	} {
		_, err := call()
		require.ErrorIs(t, err, subspace.ErrInput)
		require.ErrorContains(t, err, want)
	}
}
