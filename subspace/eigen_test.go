package subspace

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// TestKrylovIsTheEigendecomposition compares the method of blocks, which takes several
// rounds for a spectrum without gaps, with the dense one.
func TestKrylovIsTheEigendecomposition(t *testing.T) {
	const n, k = 320, 3
	rng := rand.New(rand.NewPCG(1, 1))
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			a.SetSym(i, j, rng.NormFloat64())
		}
	}
	want, v, err := eigen(a, k)
	require.NoError(t, err)
	all := entriesOf(a)
	got, u, err := leading(&all, k, 2)
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-9)
	var overlap mat.Dense
	overlap.Mul(v.T(), u)
	for j := range k {
		require.InDelta(t, 1, overlap.At(j, j)*overlap.At(j, j), 1e-9)
	}
}
