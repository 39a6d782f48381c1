package subspace_test

import (
	"context"
	"math"
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
		"after 1 iterations": {Iterations: 1}, "-1 workers": {Workers: -1},
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

// TestRobustPCAIsTheMethod follows the alternating directions with gonum's singular values:
// as many iterations, the same parts, and the same bits on any number of workers.
func TestRobustPCAIsTheMethod(t *testing.T) {
	const n, d = 60, 45
	rng := rand.New(rand.NewPCG(4, 4))
	var x mat.Dense
	x.Mul(gauss(rng, n, 3), gauss(rng, 3, d))
	for range n * d / 20 {
		x.Set(rng.IntN(n), rng.IntN(d), 20*rng.Float64()-10)
	}
	low, sparse, iterations := alternating(t, &x)
	got, err := subspace.RobustPCA{}.Fit(t.Context(), &x)
	require.NoError(t, err)
	require.Equal(t, iterations, got.Iterations)
	near(t, low, got.Low, 1e-9)
	near(t, sparse, got.Sparse, 1e-9)
	for _, workers := range []int{1, 2, 5} {
		again, err := subspace.RobustPCA{Workers: workers}.Fit(t.Context(), &x)
		require.NoError(t, err)
		require.Equal(t, got, again, "%d workers", workers)
	}
	wide, err := subspace.RobustPCA{}.Fit(t.Context(), mat.DenseCopyOf(x.T()))
	require.NoError(t, err)
	near(t, low, mat.DenseCopyOf(wide.Low.T()), 1e-9)
}

// alternating is the method as its paper has it, with ρ = 1.
func alternating(t *testing.T, x *mat.Dense) (low, sparse *mat.Dense, iterations int) {
	n, d := x.Dims()
	sum := 0.0
	for _, v := range x.RawMatrix().Data {
		sum += math.Abs(v)
	}
	mu, lambda := float64(n*d)/(4*sum), 1/math.Sqrt(float64(max(n, d)))
	soft := func(v, t float64) float64 { return math.Copysign(max(math.Abs(v)-t, 0), v) }
	low, sparse = mat.NewDense(n, d, nil), mat.NewDense(n, d, nil)
	dual, r := mat.NewDense(n, d, nil), mat.NewDense(n, d, nil)
	for k := 1; k <= 1000; k++ {
		r.Scale(1/mu, dual)
		r.Add(r, x)
		r.Sub(r, sparse)
		var svd mat.SVD
		require.True(t, svd.Factorize(r, mat.SVDThin))
		var u, v mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		sigma := svd.Values(nil)
		u.Apply(func(_, j int, w float64) float64 { return w * max(sigma[j]-1/mu, 0) }, &u)
		low.Mul(&u, v.T())
		sparse.Apply(func(i, j int, _ float64) float64 {
			return soft(x.At(i, j)-low.At(i, j)+dual.At(i, j)/mu, lambda/mu)
		}, sparse)
		r.Sub(x, low)
		r.Sub(r, sparse)
		away := mat.Norm(r, 2)
		r.Scale(mu, r)
		dual.Add(dual, r)
		if away <= 1e-7*mat.Norm(x, 2) {
			return low, sparse, k
		}
	}
	t.Fatal("no convergence")
	return nil, nil, 0
}
