package metrics_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
)

// What a fitted classifier gives away makes another one that predicts the same.
func TestClassifiersAreMadeOfTheirParts(t *testing.T) {
	z := mat.NewDense(6, 3, []float64{1, 0, 0.1, 2, 0.1, 0, 0, 1, 0.2, 0.1, 3, 0, 0, 0.1, 1, 0.2, 0, 2})
	y := []int{0, 0, 1, 1, 2, 2}
	for _, centered := range []bool{false, true} {
		s, err := metrics.NearestSubspace{Dim: 1, Centered: centered}.Fit(z, y, 3)
		require.NoError(t, err)
		mu, bases := s.Bases()
		require.Equal(t, centered, mu != nil)
		again, err := metrics.NewSubspaces(mu, bases)
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
	l, err := metrics.Probe{}.Fit(z, y, 3)
	require.NoError(t, err)
	again, err := metrics.NewLinear(l.Weights())
	require.NoError(t, err)
	require.Equal(t, l, again)
}

func TestPartsThatAreNoClassifier(t *testing.T) {
	ok, nan := mat.NewDense(3, 1, []float64{1, 0, 0}), mat.NewDense(3, 1, []float64{1, 0, math.NaN()})
	for _, c := range []struct {
		mu    [][]float64
		bases []*mat.Dense
	}{
		{nil, nil}, {nil, []*mat.Dense{nil}}, {nil, []*mat.Dense{{}}}, {nil, []*mat.Dense{nan}},
		{nil, []*mat.Dense{ok, mat.NewDense(2, 1, nil)}}, {[][]float64{}, []*mat.Dense{ok}},
		{[][]float64{{1, 2}}, []*mat.Dense{ok}}, {[][]float64{{1, 2, math.Inf(1)}}, []*mat.Dense{ok}},
	} {
		_, err := metrics.NewSubspaces(c.mu, c.bases)
		require.ErrorIs(t, err, metrics.ErrInput)
		require.ErrorContains(t, err, "subspaces: ")
	}
	for _, c := range []struct {
		w *mat.Dense
		b []float64
	}{{nil, nil}, {&mat.Dense{}, nil}, {ok, []float64{1, 2}}, {nan, []float64{1}}, {ok, []float64{math.Inf(1)}}} {
		_, err := metrics.NewLinear(c.w, c.b)
		require.ErrorIs(t, err, metrics.ErrInput)
	}
}
