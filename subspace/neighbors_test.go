package subspace_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/subspace"
)

// TestNeighboursAreThoseOfDifferences sorts all distances, by differences.
func TestNeighboursAreThoseOfDifferences(t *testing.T) {
	for name, draw := range hard() {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			x, _ := draw(r)
			n, d := x.Dims()
			z := mat.DenseCopyOf(x.Slice(0, 40, 0, d))
			z.Apply(func(_, _ int, v float64) float64 { return v * (1 + 0.1*r.NormFloat64()) }, z)
			onLevels(t, func(t *testing.T) {
				for _, queries := range []*mat.Dense{z, nil} {
					s, err := subspace.NearestNeighbors{K: 7}.Fit(x)
					require.NoError(t, err)
					at, far, err := s.Kneighbors(queries)
					require.NoError(t, err)
					for i := range at {
						row := x.RawRowView(i)
						if queries != nil {
							row = queries.RawRowView(i)
						}
						var all []int
						for j := range n {
							if queries != nil || j != i {
								all = append(all, j)
							}
						}
						squared := func(j int) float64 { return naiveSquared(row, x.RawRowView(j)) }
						slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(squared(a), squared(b)) })
						require.Equal(t, all[:7], at[i], "row %d", i)
						for e, j := range at[i] {
							require.Equal(t, math.Sqrt(squared(j)), far.At(i, e))
						}
					}
				}
			})
		})
	}
}

// TestGraphOfNeighboursIsSymmetric compares weights with the definition, and the graph with the same numbers in full.
func TestGraphOfNeighboursIsSymmetric(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(3, 4)), 50, 3)
	s, err := subspace.NearestNeighbors{K: 4}.Fit(x)
	require.NoError(t, err)
	at, _, err := s.Kneighbors(x)
	require.NoError(t, err)
	g, err := s.Graph()
	require.NoError(t, err)
	want, edges := mat.NewDense(50, 50, nil), 0
	for i, near := range at {
		require.Equal(t, i, near[0])
		for _, j := range near {
			want.Set(i, j, want.At(i, j)+0.5)
			want.Set(j, i, want.At(j, i)+0.5)
		}
	}
	for _, v := range want.RawMatrix().Data {
		if v != 0 {
			edges++
		}
	}
	require.True(t, mat.Equal(want, g))
	require.Equal(t, edges, g.Edges())
	full := mat.NewSymDense(50, want.RawMatrix().Data)
	require.Equal(t, g, subspace.NewGraph(full))
	for _, k := range []int{2, 5} {
		a, err := subspace.Spectral{Groups: k}.Fit(full)
		require.NoError(t, err)
		b, err := subspace.Spectral{Groups: k}.Fit(g)
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
	require.True(t, mat.Equal(want, g), "what is grouped stays")
}

// TestGraphOfExpressionsIsTheirAffinity has the bits of the coefficients in full, of samples with one that is 0.
func TestGraphOfExpressionsIsTheirAffinity(t *testing.T) {
	x, _ := mixture(rand.New(rand.NewPCG(5, 6)), 6, []int{30, 25}, []int{2, 3}, 0.05)
	x.SetRow(3, make([]float64, 6))
	for _, tau := range []float64{1, 0.9} {
		c, err := subspace.EnSC{Tau: tau}.Fit(t.Context(), x)
		require.NoError(t, err)
		want, err := subspace.Affinity(c)
		require.NoError(t, err)
		g, err := subspace.EnSC{Tau: tau}.Graph(t.Context(), x)
		require.NoError(t, err)
		require.True(t, mat.Equal(want, g))
		require.Less(t, g.Edges(), 55*55/2)
	}
	g, err := subspace.SSC{}.Graph(t.Context(), x)
	require.NoError(t, err)
	c, err := subspace.SSC{}.Fit(t.Context(), x)
	require.NoError(t, err)
	want, err := subspace.Affinity(c)
	require.NoError(t, err)
	require.True(t, mat.Equal(want, g))
	_, err = subspace.EnSC{Gamma: 0.5}.Graph(t.Context(), x)
	require.ErrorIs(t, err, subspace.ErrInput)
	_, err = subspace.SSC{}.Graph(t.Context(), nil)
	require.ErrorIs(t, err, subspace.ErrInput)
}

// TestSpectralParts three rings by the graph of their neighbours, of which k-means knows nothing.
func TestSpectralPartsRings(t *testing.T) {
	const n = 1200
	x, labels := mat.NewDense(n, 2, nil), make([]int, n)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range n {
		labels[i] = i % 3
		angle, radius := 2*math.Pi*float64(i)/n, float64(1+2*(i%3))+0.05*r.NormFloat64()
		x.SetRow(i, []float64{radius * math.Cos(angle), radius * math.Sin(angle)})
	}
	s, err := subspace.NearestNeighbors{K: 10}.Fit(x)
	require.NoError(t, err)
	g, err := s.Graph()
	require.NoError(t, err)
	found, err := subspace.Spectral{Groups: 3}.Fit(g)
	require.NoError(t, err)
	right, err := metrics.ClusterAccuracy(found, labels)
	require.NoError(t, err)
	require.Equal(t, 1.0, right)
}

func TestNeighboursRefuseWhatMakesNoSense(t *testing.T) {
	x := gauss(rand.New(rand.NewPCG(9, 10)), 10, 2)
	bad := mat.DenseCopyOf(x)
	bad.Set(3, 1, math.NaN())
	for want, c := range map[string]subspace.NearestNeighbors{
		"11 of 10 samples": {K: 11}, "-1 of 10 samples": {K: -1}, "-1 workers": {Workers: -1},
	} {
		_, err := c.Fit(x)
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	_, err := subspace.NearestNeighbors{}.Fit(bad)
	require.ErrorContains(t, err, "feature 1 of sample 3 is NaN")
	s, err := subspace.NearestNeighbors{K: 10}.Fit(x)
	require.NoError(t, err)
	for want, z := range map[string]*mat.Dense{
		"feature 1 of sample 3 is NaN": bad, "of 3 features": mat.NewDense(1, 3, nil), "10 others of 10": nil,
	} {
		_, _, err := s.Kneighbors(z)
		require.ErrorIs(t, err, subspace.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	_, _, err = (*subspace.Neighborhood)(nil).Kneighbors(x)
	require.ErrorIs(t, err, subspace.ErrInput)
	_, err = (&subspace.Neighborhood{}).Graph()
	require.ErrorIs(t, err, subspace.ErrInput)
	_, err = subspace.Spectral{Groups: 1}.Fit((*subspace.Graph)(nil))
	require.ErrorIs(t, err, subspace.ErrInput)
}
