package subspace_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/subspace"
)

// TestKMeansPredictsTheNearestCentre compares with differences for new samples, and with the labels for those fitted.
func TestKMeansPredictsTheNearestCentre(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, d := rapid.IntRange(1, 60).Draw(r, "n"), rapid.IntRange(1, 9).Draw(r, "d")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		x, z := gauss(rng, n, d), gauss(rng, 40, d)
		c, err := subspace.KMeans{Groups: rapid.IntRange(1, n).Draw(r, "k"), NInit: 1}.Fit(x)
		require.NoError(r, err)
		got, err := c.Predict(x)
		require.NoError(r, err)
		require.Equal(r, c.Labels, got)
		got, err = c.Predict(z)
		require.NoError(r, err)
		k, _ := c.Centres.Dims()
		for i, g := range got {
			want, least := 0, math.Inf(1)
			for j := range k {
				if v := naiveSquared(z.RawRowView(i), c.Centres.RawRowView(j)); v < least {
					want, least = j, v
				}
			}
			require.Equal(r, want, g)
		}
	})
}

// TestGPCAPredictsTheNearestSubspace has new samples of a plane and two lines, and the old ones.
func TestGPCAPredictsTheNearestSubspace(t *testing.T) {
	for name, g := range map[string]subspace.GPCA{
		"by distance": {Groups: 3, Noise: 0.02}, "recursive": {Noise: 0.02},
		"spectral": {Groups: 3, Noise: 0.02, Spectral: true},
	} {
		x, _ := mixture(rand.New(rand.NewPCG(1, 7)), 3, []int{80, 40, 40}, []int{2, 1, 1}, 0.002)
		a, err := g.Fit(x)
		require.NoError(t, err, name)
		got, err := a.Predict(x)
		require.NoError(t, err, name)
		require.Equal(t, a.Labels, got, name)
		for j, b := range a.Normals { // what is orthogonal to the normals is in the subspace; its length says nothing
			var q mat.QR
			q.Factorize(b)
			var all mat.Dense
			q.QTo(&all)
			_, codim := b.Dims()
			inside := mat.NewDense(2, 3, nil)
			inside.SetRow(0, mat.Col(nil, codim, &all))
			inside.Scale(1e3, inside)
			got, err := a.Predict(inside)
			require.NoError(t, err, name)
			require.Equal(t, []int{j, 0}, got, "%s: a sample of subspace %d and one of 0", name, j)
		}
	}
}

func TestPredictRefuses(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(5, 5)), 4, 2)
	c, err := subspace.KMeans{Groups: 2}.Fit(x)
	require.NoError(t, err)
	a := &subspace.Arrangement{Normals: []*mat.Dense{mat.NewDense(2, 1, []float64{1, 0})}}
	none := &subspace.Arrangement{Normals: []*mat.Dense{nil}}
	nan := mat.NewDense(1, 2, []float64{0, math.NaN()})
	bad := func(_ []int, err error) error { return err }
	for want, err := range map[string]error{
		"k-means: predict: no centres":                     bad((*subspace.Centres)(nil).Predict(x)),
		"k-means: predict: no samples":                     bad(c.Predict(nil)),
		"k-means: predict: samples of 3 features, want 2":  bad(c.Predict(mat.NewDense(1, 3, nil))),
		"k-means: predict: feature 1 of sample 0 is NaN":   bad(c.Predict(nan)),
		"k-means: predict: centres: feature 1 of sample 0": bad((&subspace.Centres{Centres: nan}).Predict(x)),
		"GPCA: no subspaces":                               bad((&subspace.Arrangement{}).Predict(x)),
		"GPCA: no samples":                                 bad(a.Predict(&mat.Dense{})),
		"GPCA: samples of 1 features, but subspace 0":      bad(a.Predict(mat.NewDense(1, 1, nil))),
		"GPCA: feature 1 of sample 0 is NaN":               bad(a.Predict(nan)),
		"GPCA: normals of subspace 0: no samples":          bad(none.Predict(x)),
	} {
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}
