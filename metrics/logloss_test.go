package metrics_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
)

func TestLogLossOfEqualScoresIsLogK(t *testing.T) {
	for _, offset := range []float64{0, 1e4, -1e4} {
		l, err := metrics.LogLoss(mat.NewDense(2, 3, []float64{offset, offset, offset, offset, offset, offset}),
			[]int{0, 2})
		require.NoError(t, err)
		require.InDelta(t, math.Log(3), l, 1e-12)
	}
}

// The loss of two classes is the logistic loss log(1 + exp(−margin)).
func TestLogLossOfTwoClassesIsLogistic(t *testing.T) {
	l, err := metrics.LogLoss(mat.NewDense(2, 2, []float64{1, 3, 0.5, -0.5}), []int{1, 1})
	require.NoError(t, err)
	require.InDelta(t, (math.Log1p(math.Exp(-2))+math.Log1p(math.Exp(1)))/2, l, 1e-14)
}

func TestLogLossErrors(t *testing.T) {
	_, err := metrics.LogLoss(mat.NewDense(1, 2, nil), []int{2})
	require.ErrorIs(t, err, metrics.ErrInput)
	_, err = metrics.LogLoss(mat.NewDense(1, 2, []float64{0, math.NaN()}), []int{1})
	require.ErrorContains(t, err, "log loss: feature 1 of sample 0 is NaN")
}
