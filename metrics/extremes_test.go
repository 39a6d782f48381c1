package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
)

// TestMetricsDoNotDependOnUnits scales features by powers of 2, to where squares are out
// of range: what has no unit stays.
func TestMetricsDoNotDependOnUnits(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	const n, d, k = 60, 12, 3
	z, labels := mat.NewDense(n, d, nil), make([]int, n)
	for i := range n {
		labels[i] = i % k
		for j := range d {
			z.Set(i, j, r.NormFloat64()+3*float64((j+labels[i])%k))
		}
	}
	type found struct {
		knn, subspace, probe []int
		nc                   metrics.Collapse
		ranks                []int
		within, between      float64
		affinity             *mat.SymDense
	}
	measure := func(z *mat.Dense) (f found) {
		one := func(c metrics.Classifier, err error) []int {
			require.NoError(t, err)
			y, err := c.Predict(z)
			require.NoError(t, err)
			return y
		}
		knn, err := metrics.KNN{}.Fit(z, labels, k)
		f.knn = one(knn, err)
		sub, err := metrics.NearestSubspace{Dim: 3}.Fit(z, labels, k)
		f.subspace = one(sub, err)
		probe, err := metrics.Probe{}.Fit(z, labels, k)
		f.probe = one(probe, err)
		nc, err := metrics.NeuralCollapse(z, labels, k, nil, nil)
		require.NoError(t, err)
		f.nc = *nc
		f.ranks, err = metrics.ClassRanks(z, labels, k, 0.9)
		require.NoError(t, err)
		f.within, f.between, err = metrics.MeanAbsCosine(z, labels, k)
		require.NoError(t, err)
		f.affinity, err = metrics.Affinity(z, labels, k, 0.9)
		require.NoError(t, err)
		return f
	}
	want := measure(z)
	for _, e := range []int{-1000, -540, -401, -100, 100, 401, 540, 1000} {
		var s mat.Dense
		s.Apply(func(_, _ int, v float64) float64 { return math.Ldexp(v, e) }, z)
		got := measure(&s)
		require.Equal(t, want.knn, got.knn, "2^%d", e)
		require.Equal(t, want.subspace, got.subspace, "2^%d", e)
		require.Equal(t, want.probe, got.probe, "2^%d", e)
		require.Equal(t, want.ranks, got.ranks, "2^%d", e)
		require.InEpsilon(t, want.nc.NC1, got.nc.NC1, 1e-10, "2^%d", e)
		require.InEpsilon(t, want.nc.EquinormMeans, got.nc.EquinormMeans, 1e-10)
		require.InEpsilon(t, want.nc.EquiangularMeans, got.nc.EquiangularMeans, 1e-10)
		require.InEpsilon(t, want.within, got.within, 1e-12)
		require.InEpsilon(t, want.between, got.between, 1e-12)
		require.True(t, mat.EqualApprox(want.affinity, got.affinity, 1e-10))
	}
}

// TestEqualByRoundingIsEqual: 14.62 many times has a mean that is not 14.62.
func TestEqualByRoundingIsEqual(t *testing.T) {
	const n = 1000
	z, labels := mat.NewDense(n, 2, nil), make([]int, n)
	for i := range n {
		labels[i] = i * i % 7 % 2
		z.SetRow(i, []float64{14.62, -0.1})
	}
	_, err := metrics.Probe{}.Fit(z, labels, 2)
	require.ErrorIs(t, err, metrics.ErrInput)
	require.ErrorContains(t, err, "all samples are equal, but for rounding")
	_, err = metrics.NeuralCollapse(z, labels, 2, nil, nil)
	require.ErrorIs(t, err, metrics.ErrInput)
	require.ErrorContains(t, err, "all class means are equal, but for rounding")
}
