package lin_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

func TestCholSolveAndInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 23
	x := make([]float64, n*n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	a := make([]float64, n*n)
	lin.Gram(nil, true, n, n, 1, x, n, a, n)
	l := append([]float64(nil), a...)
	require.NoError(t, lin.Cholesky(nil, n, l, n))
	inv := make([]float64, n*n)
	lin.CholInverse(nil, n, l, n, inv, n)
	id := make([]float64, n*n)
	id[0] = math.NaN()
	lin.Gemm(nil, false, true, n, n, n, 1, a, n, inv, n, 0, id, n)
	for i := range n {
		for j := range n {
			want := 0.0
			if i == j {
				want = 1
			}
			require.InDelta(t, want, id[i*n+j], 1e-8)
		}
	}
	a[0] = -1
	require.ErrorIs(t, lin.Cholesky(nil, n, a, n), lin.ErrNotPositiveDefinite)
	a[0] = math.NaN()
	require.ErrorIs(t, lin.Cholesky(nil, n, a, n), lin.ErrNotFinite)
}
