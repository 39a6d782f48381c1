package matrix_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
)

func TestAFeatureThatIsNotFiniteIsFoundWhereverItIs(t *testing.T) {
	sentinel := errors.New("bad input")
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		require.False(t, matrix.Finite(v))
		for at := range 6 {
			z := mat.NewDense(2, 3, []float64{0, -1, math.MaxFloat64, 5e-324, 4, 5})
			require.NoError(t, matrix.CheckSamples(sentinel, "samples", z))
			z.Set(at/3, at%3, v)
			i, j, found := matrix.NotFinite(z)
			require.True(t, found)
			require.Equal(t, at, 3*i+j)
			require.ErrorIs(t, matrix.CheckSamples(sentinel, "samples", z), sentinel)
		}
	}
	require.ErrorContains(t, matrix.CheckSamples(sentinel, "features", nil), "no features")
	require.ErrorContains(t, matrix.CheckSamples(sentinel, "features", &mat.Dense{}), "no features")
}
