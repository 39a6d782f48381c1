package subspace_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/subspace"
)

func fit(t require.TestingT, p subspace.PCA, x *mat.Dense) *subspace.Components {
	c, err := p.Fit(x)
	require.NoError(t, err)
	return c
}

func ok[T any](t require.TestingT) func(v T, err error) T {
	return func(v T, err error) T {
		require.NoError(t, err)
		return v
	}
}

// TestPCADiagonalizesTheCovariance compares with the covariance matrix, and checks
// the theorem of Eckart and Young: the error of a reconstruction is the variance
// that was left out.
func TestPCADiagonalizesTheCovariance(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, d := rapid.IntRange(2, 12).Draw(r, "n"), rapid.IntRange(1, 6).Draw(r, "d")
		dim := rapid.IntRange(1, min(n, d)).Draw(r, "dim")
		x := gauss(rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0)), n, d)
		c := fit(r, subspace.PCA{Dim: dim}, x)
		var cov mat.SymDense
		stat.CovarianceMatrix(&cov, x, nil)
		var left, both mat.Dense
		left.Mul(c.Basis.T(), &cov)
		both.Mul(&left, c.Basis)
		near(r, mat.NewDiagDense(dim, c.Variances), &both, 1e-10)
		require.InDelta(r, mat.Trace(&cov), c.Total, 1e-10)

		back := ok[*mat.Dense](r)(c.Reconstruct(ok[*mat.Dense](r)(c.Project(x))))
		back.Sub(x, back)
		lost := c.Total
		for _, v := range c.Variances {
			lost -= v
		}
		require.InDelta(r, lost, square(mat.Norm(back, 2))/float64(n-1), 1e-10)
		for i, e := range ok[[]float64](r)(c.Residuals(x)) {
			require.InDelta(r, mat.Norm(back.Slice(i, i+1, 0, d), 2), e, 1e-10)
		}
		for j := range dim {
			most := 0.0
			for i := range d {
				if v := c.Basis.At(i, j); math.Abs(v) > math.Abs(most) {
					most = v
				}
			}
			require.Positive(r, most)
		}
	})
}

func TestWhitenedCoordinatesAreUncorrelated(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(1, 1)), 40, 4)
	x.Apply(func(i, j int, v float64) float64 { return float64(j+1)*v + x.At(i, 0) + 3 }, x)
	c := fit(t, subspace.PCA{Dim: 3, Whiten: true}, x)
	z := ok[*mat.Dense](t)(c.Project(x))
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, z, nil)
	near(t, mat.NewDiagDense(3, []float64{1, 1, 1}), &cov, 1e-12)
	plain := fit(t, subspace.PCA{Dim: 3}, x)
	near(t, ok[*mat.Dense](t)(plain.Reconstruct(ok[*mat.Dense](t)(plain.Project(x)))),
		ok[*mat.Dense](t)(c.Reconstruct(z)), 1e-12)
}

// decaying returns samples whose j-th standard deviation is ratio^j.
func decaying(rng *rand.Rand, n, d int, ratio float64) *mat.Dense {
	x := gauss(rng, n, d)
	x.Apply(func(_, j int, v float64) float64 { return 2 + v*math.Pow(ratio, float64(j)) }, x)
	x.Mul(x, orthonormal(rng, d, d))
	return x
}

func TestRandomizedPCAIsPCA(t *testing.T) {
	x := decaying(rand.New(rand.NewPCG(2, 2)), 80, 30, 0.7)
	want := fit(t, subspace.PCA{Dim: 5}, x)
	got := fit(t, subspace.PCA{Dim: 5, Randomized: true, Seed: 7}, x)
	require.InDeltaSlice(t, want.Variances, got.Variances, 1e-10)
	near(t, want.Basis, got.Basis, 1e-8)
	require.Equal(t, got, fit(t, subspace.PCA{Dim: 5, Randomized: true, Seed: 7}, x), "same seed, same bits")
	for _, workers := range []int{1, 2, 5} {
		again := fit(t, subspace.PCA{Dim: 5, Randomized: true, Seed: 7, Workers: workers}, x)
		require.Equal(t, got, again, "%d workers", workers)
	}
	wide := mat.DenseCopyOf(x.T())
	near(t, fit(t, subspace.PCA{Dim: 30, Linear: true}, wide).Basis,
		fit(t, subspace.PCA{Dim: 30, Linear: true, Randomized: true}, wide).Basis, 1e-6)
}

// TestStreamIsPCA shows that batches give the same subspace as all samples at
// once, with batches of one and with fewer samples than features.
func TestStreamIsPCA(t *testing.T) {
	x := decaying(rand.New(rand.NewPCG(3, 3)), 40, 6, 0.8)
	for _, size := range []int{1, 3, 40} {
		s := subspace.IncrementalPCA{Dim: 6}
		for lo := 0; lo < 40; lo += size {
			require.NoError(t, s.Update(x.Slice(lo, min(lo+size, 40), 0, 6).(*mat.Dense)))
		}
		got, want := ok[*subspace.Components](t)(s.Components()), fit(t, subspace.PCA{Dim: 6}, x)
		require.InDeltaSlice(t, want.Mean, got.Mean, 1e-12)
		require.InDeltaSlice(t, want.Variances, got.Variances, 1e-12)
		near(t, want.Basis, got.Basis, 1e-9)
		require.InDelta(t, want.Total, got.Total, 1e-10)
	}
	s := subspace.IncrementalPCA{Dim: 2}
	require.NoError(t, s.Update(x))
	before := ok[*subspace.Components](t)(s.Components())
	require.ErrorIs(t, s.Update(mat.NewDense(1, 5, nil)), subspace.ErrInput)
	require.Equal(t, before, ok[*subspace.Components](t)(s.Components()), "a bad batch changes nothing")
	require.ErrorIs(t, (&subspace.IncrementalPCA{}).Update(x), subspace.ErrInput)
	_, err := (&subspace.IncrementalPCA{Dim: 1}).Components()
	require.ErrorIs(t, err, subspace.ErrInput)
}

// TestDimensionIsFound has samples of a subspace of known dimension, with noise
// and without.
func TestDimensionIsFound(t *testing.T) {
	for rank := range 5 {
		for seed := range uint64(3) {
			rng := rand.New(rand.NewPCG(4, seed))
			x := gauss(rng, 300, 8)
			x.Scale(0.1, x)
			if rank > 0 {
				signal, _ := mixture(rng, 8, []int{300}, []int{rank}, 0)
				x.Add(x, signal)
			}
			full := fit(t, subspace.PCA{Dim: 8}, x)
			require.Equal(t, rank, ok[int](t)(subspace.WaxKailath(full.Variances, 300, subspace.ByMDL)), "rank %d",
				rank)
			if rank > 0 {
				require.Len(t, fit(t, subspace.PCA{Rule: subspace.ByMDL}, x).Variances, rank)
				clean, _ := mixture(rng, 8, []int{300}, []int{rank}, 0)
				require.Len(t, fit(t, subspace.PCA{Rule: subspace.ByAIC}, clean).Variances, rank)
				require.Len(t, fit(t, subspace.PCA{Energy: 1}, clean).Variances, rank)
			}
		}
	}
	require.Equal(t, 2, ok[int](t)(subspace.EnergyDim([]float64{3, 1, 1}, 0.8)))
	require.Equal(t, 1, ok[int](t)(subspace.EnergyDim([]float64{3, 1, 1}, 0.6)))
	require.Equal(t, 3, ok[int](t)(subspace.EnergyDim([]float64{3, 1, 1}, 0)))
}

// TestWaxKailathIsTheLikelihood compares the choice with the likelihood of a
// Gaussian with the best covariance of r directions and noise, from its density.
func TestWaxKailathIsTheLikelihood(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 50 {
		const n, d = 12, 5
		l := make([]float64, d)
		at := 4.0
		for i := range l {
			at *= 0.3 + 0.7*rng.Float64()
			l[i] = at
		}
		for rule, w := range map[subspace.Rule]float64{subspace.ByMDL: math.Log(n) / 2, subspace.ByAIC: 1} {
			best, want := math.Inf(1), 0
			for r := range d {
				noise := 0.0
				for _, v := range l[r:] {
					noise += v / float64(d-r)
				}
				score := w * float64(1+r+r*d-r*(r+1)/2) // noise, variances, an orthonormal basis
				for i, v := range l {
					model := noise
					if i < r {
						model = v
					}
					score += n / 2.0 * (math.Log(model) + v/model)
				}
				if score < best {
					best, want = score, r
				}
			}
			require.Equal(t, want, ok[int](t)(subspace.WaxKailath(l, n, rule)))
		}
	}
}

// TestEqualSamplesHaveOneDirection has samples that do not vary, by every rule: they project to 0,
// and nothing of them is left.
func TestEqualSamplesHaveOneDirection(t *testing.T) {
	x := mat.NewDense(4, 2, []float64{1, 2, 1, 2, 1, 2, 1, 2})
	for rule := range subspace.ByProfile + 1 {
		c := fit(t, subspace.PCA{Rule: rule}, x)
		require.Equal(t, []float64{0}, c.Variances)
		z, err := c.Project(x)
		require.NoError(t, err)
		require.Zero(t, mat.Norm(z, 2))
		away, err := c.Residuals(x)
		require.NoError(t, err)
		require.Equal(t, make([]float64, 4), away)
	}
}

func TestPCARefuses(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(6, 6)), 5, 3)
	bad := func(_ any, err error) error { return err }
	c := fit(t, subspace.PCA{Dim: 2}, x)
	nan := mat.NewDense(1, 3, []float64{0, math.NaN(), 0})
	for want, err := range map[string]error{
		"PCA: no samples":                      bad(subspace.PCA{}.Fit(nil)),
		"feature 1 of sample 0 is NaN":         bad(subspace.PCA{}.Fit(nan)),
		"1 sample, want at least 2":            bad(subspace.PCA{}.Fit(mat.NewDense(1, 3, nil))),
		"Dim is 4 for 5 samples of 3 features": bad(subspace.PCA{Dim: 4}.Fit(x)),
		"Randomized needs Dim":                 bad(subspace.PCA{Randomized: true}.Fit(x)),
		"a share of 2 of the energy":           bad(subspace.PCA{Energy: 2}.Fit(x)),
		"rule 7, want ByEnergy, ByMDL":         bad(subspace.PCA{Rule: 7}.Fit(x)),
		"3 samples of 3 features, want more samples": bad(subspace.PCA{Rule: subspace.ByMDL}.Fit(
			mat.DenseCopyOf(x.Slice(0, 3, 0, 3)))),
		"no variances":                                bad(subspace.EnergyDim(nil, 0)),
		"variance 1 is 2, want them descending":       bad(subspace.WaxKailath([]float64{1, 2}, 9, subspace.ByAIC)),
		"PCA: project: 2 features, fitted to 3":       bad(c.Project(mat.NewDense(1, 2, nil))),
		"PCA: residuals: no samples":                  bad(c.Residuals(nil)),
		"PCA: reconstruct: 3 coordinates, want 2":     bad(c.Reconstruct(x)),
		"PCA: reconstruct: feature 1 of sample 0 is ": bad(c.Reconstruct(nan)),
	} {
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}

// A line in the plane.
func ExamplePCA() {
	x := mat.NewDense(4, 2, []float64{1, 2, 2, 4, 3, 6, 4, 8})
	c, err := subspace.PCA{}.Fit(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d direction (%.4f, %.4f), variance %.4f of %.4f\n", len(c.Variances), c.Basis.At(0, 0),
		c.Basis.At(1, 0), c.Variances[0], c.Total)
	// Output: 1 direction (0.4472, 0.8944), variance 8.3333 of 8.3333
}

// TestPCAByEveryWay has samples for which each way is taken: more samples than features and
// fewer, and so many that iterations from a random start are worth it, whose bits another
// seed changes.
func TestPCAByEveryWay(t *testing.T) {
	for _, s := range []struct{ n, d, dim int }{{200, 30, 4}, {30, 200, 4}, {1200, 600, 2}} {
		x := decaying(rand.New(rand.NewPCG(8, uint64(s.n))), s.n, s.d, 0.8)
		want := fit(t, subspace.PCA{Dim: s.dim}, x)
		for name, p := range map[string]subspace.PCA{
			"covariance": {Dim: s.dim, Covariance: true}, "randomised": {Dim: s.dim, Randomized: true},
		} {
			got := fit(t, p, x)
			require.InDeltaSlice(t, want.Variances, got.Variances, 1e-12, name)
			near(t, want.Basis, got.Basis, 1e-9)
			require.InDelta(t, want.Total, got.Total, 1e-12)
			p.Workers = 1
			require.Equal(t, got, fit(t, p, x), "%s on one worker", name)
		}
		if s.n == 1200 {
			require.NotEqual(t, fit(t, subspace.PCA{Dim: s.dim, Randomized: true}, x),
				fit(t, subspace.PCA{Dim: s.dim, Randomized: true, Seed: 1}, x))
		}
	}
	for want, p := range map[string]subspace.PCA{
		"-1 workers": {Workers: -1}, "both set": {Dim: 1, Randomized: true, Covariance: true},
	} {
		_, err := p.Fit(gauss(rand.New(rand.NewPCG(1, 1)), 4, 3))
		require.ErrorIs(t, err, subspace.ErrInput)
		require.ErrorContains(t, err, want)
	}
}

// TestCovarianceLosesSmallVariances has standard deviations 10^(−j): what is below the root
// of rounding is whitened to 0 by the covariance, and not in full.
func TestCovarianceLosesSmallVariances(t *testing.T) {
	x := decaying(rand.New(rand.NewPCG(9, 9)), 60, 12, 0.1)
	full := fit(t, subspace.PCA{Dim: 12, Whiten: true}, x)
	lossy := fit(t, subspace.PCA{Dim: 12, Whiten: true, Covariance: true}, x)
	for j, v := range full.Variances {
		s, first := math.Sqrt(v), math.Sqrt(full.Variances[0])
		require.InDelta(t, s, math.Sqrt(lossy.Variances[j]), 1e-15*60*first*first/max(s, 1e-7))
	}
	zeros := func(c *subspace.Components) (count int) {
		z := ok[*mat.Dense](t)(c.Project(x))
		for j := range 12 {
			if z.At(0, j) == 0 {
				count++
			}
		}
		return count
	}
	require.Zero(t, zeros(full))
	require.Positive(t, zeros(lossy))
}
