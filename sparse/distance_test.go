package sparse_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

func TestDictionaryDistance(t *testing.T) {
	d := mat.NewDense(2, 2, []float64{3, 0, 0, -2})
	distance := func(a, b *mat.Dense) float64 {
		v, err := sparse.DictionaryDistance(a, b)
		require.NoError(t, err)
		return v
	}
	require.Zero(t, distance(d, mat.NewDense(2, 2, []float64{1, 0, 0, -9})), "lengths do not count")
	require.InDelta(t, math.Sqrt2, distance(d, mat.NewDense(2, 2, []float64{1, 0, 0, 1})), 1e-15,
		"one sign of two: √(2²/2)")
	require.InDelta(t, 1, distance(d, mat.NewDense(2, 2, []float64{0, 0, 1, -1})), 1e-15, "a right angle: √(2/2)")
	for _, bad := range []*mat.Dense{nil, mat.NewDense(2, 1, []float64{1, 1}), mat.NewDense(2, 2, nil),
		mat.NewDense(2, 2, []float64{math.NaN(), 1, 1, 1}), mat.NewDense(2, 2, []float64{math.Inf(1), 1, 1, 1})} {
		_, err := sparse.DictionaryDistance(d, bad)
		require.ErrorIs(t, err, sparse.ErrInput)
	}
}
