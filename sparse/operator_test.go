package sparse_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

func TestMatrixHasItsAdjoint(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 7}, {40, 20}, {250, 500}} {
		a := gauss(1, size[0], size[1])
		op := operator(t, a)
		require.NoError(t, sparse.CheckAdjoint(op, 1))
		assert.True(t, mat.Equal(a, op.Dense()))
		z := gauss(2, 2, size[1])
		x := make([]float64, 2*size[0])
		op.Apply(x, z.RawMatrix().Data, 2)
		near(t, times(a, z).RawMatrix().Data, x, 1e-12*float64(size[1]))
	}
}

// wrong is an operator whose Adjoint is that of another.
type wrong struct{ *sparse.Matrix }

func (w wrong) Apply(x, z []float64, rows int) {
	w.Matrix.Apply(x, z, rows)
	x[0] += 1e-6 * z[0]
}

func TestCheckAdjointSeesADifference(t *testing.T) {
	assert.ErrorIs(t, sparse.CheckAdjoint(wrong{operator(t, gauss(1, 5, 9))}, 0), sparse.ErrInput)
}

func TestLipschitzIsTheSquaredNorm(t *testing.T) {
	for _, size := range [][2]int{{5, 9}, {9, 5}, {260, 300}} {
		a := gauss(3, size[0], size[1])
		op := operator(t, a)
		want := math.Pow(svdNorm(t, a), 2)
		l, err := sparse.Lipschitz(op)
		require.NoError(t, err)
		if min(size[0], size[1]) <= 256 {
			assert.InEpsilon(t, want, l, 1e-13)
		} else {
			assert.InEpsilon(t, want, l, 1e-3)
		}
		p, err := sparse.PowerIteration(op, 4)
		require.NoError(t, err)
		assert.InEpsilon(t, 1.001*want, p, 1e-4)
	}
}

func svdNorm(t *testing.T, a *mat.Dense) float64 {
	var svd mat.SVD
	require.True(t, svd.Factorize(a, mat.SVDNone))
	return svd.Values(nil)[0]
}
