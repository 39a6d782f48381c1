package subspace_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/subspace"
)

// corrupted returns a matrix of low rank, n×d, and one of random signs at a share of
// places.
func corrupted(rng *rand.Rand, n, d, rank int, share float64) (low, signs *mat.Dense) {
	low, signs = new(mat.Dense), mat.NewDense(n, d, nil)
	low.Mul(gauss(rng, n, rank), gauss(rng, rank, d))
	low.Scale(1/float64(n), low)
	signs.Apply(func(_, _ int, _ float64) float64 {
		if rng.Float64() >= share {
			return 0
		}
		return float64(2*rng.IntN(2) - 1)
	}, signs)
	return low, signs
}

// TestRobustPCARecovers is the paper's experiment: low rank and random signs are
// found again, by both schedules of μ, also of a matrix that is not square.
func TestRobustPCARecovers(t *testing.T) {
	for _, size := range [][2]int{{50, 50}, {70, 50}} {
		low, signs := corrupted(rand.New(rand.NewPCG(1, 1)), size[0], size[1], 2, 0.05)
		var x mat.Dense
		x.Add(low, signs)
		for _, rho := range []float64{0, 1.1} {
			p, err := subspace.RobustPCA{Rho: rho}.Fit(t.Context(), &x)
			require.NoError(t, err)
			require.Equal(t, 2, p.Rank)
			var away mat.Dense
			away.Sub(p.Low, low)
			require.Less(t, mat.Norm(&away, 2), 1e-4*mat.Norm(low, 2), "the paper asks for 1e-3")
			away.Sub(p.Sparse, signs)
			require.Less(t, mat.Norm(&away, 2), 1e-4*mat.Norm(signs, 2))
		}
	}
}

// TestRobustPCAIsOptimal bounds the optimum from below by the dual, also where nothing
// can be recovered.
func TestRobustPCAIsOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	low, signs := corrupted(rng, 15, 10, 1, 0.1)
	low.Add(low, signs)
	for _, x := range []*mat.Dense{low, gauss(rng, 8, 6)} {
		for _, lambda := range []float64{0, 0.4} {
			p, err := subspace.RobustPCA{Lambda: lambda, Rho: 1, Tol: 1e-8, Iterations: 20000}.Fit(t.Context(), x)
			require.NoError(t, err)
			gap, err := p.Gap(lambda)
			require.NoError(t, err)
			require.Less(t, gap, 1e-5)
			require.Greater(t, gap, -1e-7)
		}
	}
}

func TestRobustPCARefuses(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(3, 3)), 4, 3)
	for want, r := range map[string]subspace.RobustPCA{
		"λ -1": {Lambda: -1}, "ρ 0.5": {Rho: 0.5}, "tolerance -1": {Tol: -1}, "-1 iterations": {Iterations: -1},
		"after 1 iterations": {Iterations: 1},
	} {
		_, err := r.Fit(t.Context(), x)
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	_, err := subspace.RobustPCA{}.Fit(t.Context(), nil)
	require.ErrorIs(t, err, subspace.ErrInput)
	p, err := subspace.RobustPCA{}.Fit(t.Context(), mat.NewDense(2, 2, nil))
	require.NoError(t, err)
	require.Zero(t, mat.Norm(p.Low, 2)+mat.Norm(p.Sparse, 2))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = subspace.RobustPCA{}.Fit(ctx, x)
	require.ErrorIs(t, err, context.Canceled)
}
