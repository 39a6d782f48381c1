package subspace_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/subspace"
)

// TestWhiteningLeavesRoundingAlone fits data of rank 3 in 10 features: a sample moved off
// the subspace has coordinates as its projection has, for every way to fit.
func TestWhiteningLeavesRoundingAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	normal := func(n, d int) *mat.Dense {
		m := mat.NewDense(n, d, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, m)
		return m
	}
	for _, offset := range []float64{0, 1e6} {
		for _, scale := range []float64{1e-120, 1e-8, 1, 1e120} {
			var x mat.Dense
			x.Mul(normal(200, 3), normal(3, 10))
			x.Apply(func(_, j int, v float64) float64 { return scale * (v + offset*float64(j)) }, &x)
			for _, p := range []subspace.PCA{{Dim: 10, Whiten: true}, {Dim: 10, Whiten: true, Linear: true},
				{Dim: 10, Whiten: true, Randomized: true, Seed: 1}} {
				c, err := p.Fit(&x)
				require.NoError(t, err)
				y := mat.DenseCopyOf(x.Slice(0, 1, 0, 10))
				y.Set(0, 0, y.At(0, 0)+1e-3*scale)
				z, err := c.Project(y)
				require.NoError(t, err)
				rank := 0
				for j := range 10 {
					require.Less(t, math.Abs(z.At(0, j)), 20.0, "%+v, offset %v, scale %v: coordinate %d", p, offset,
						scale, j)
					if z.At(0, j) != 0 {
						rank++
					}
				}
				want := 3
				if p.Linear && offset != 0 {
					want = 4
				}
				require.Equal(t, want, rank, "%+v, offset %v, scale %v", p, offset, scale)
				back, err := c.Reconstruct(z)
				require.NoError(t, err)
				for j := range 10 {
					require.InDelta(t, y.At(0, j)/scale, back.At(0, j)/scale, 2e-3+1e-9*offset)
				}
			}
		}
	}
	twice := mat.NewDense(50, 3, nil)
	for i := range 50 {
		a, b := r.NormFloat64(), r.NormFloat64()
		twice.SetRow(i, []float64{a, b, a})
	}
	c, err := subspace.PCA{Dim: 3, Whiten: true}.Fit(twice)
	require.NoError(t, err)
	z, err := c.Project(mat.NewDense(1, 3, []float64{1, 1, 1.001}))
	require.NoError(t, err)
	require.Zero(t, z.At(0, 2))
}

// TestSquaresOutOfRangeAreAnError: what is in squared units cannot be told there.
func TestSquaresOutOfRangeAreAnError(t *testing.T) {
	for _, scale := range []float64{1e-160, 1e160} {
		x := mat.NewDense(4, 2, []float64{scale, 0, -scale, scale, 0, 2 * scale, scale, scale})
		_, err := subspace.PCA{Dim: 1}.Fit(x)
		require.ErrorIs(t, err, subspace.ErrInput)
		require.ErrorContains(t, err, "float64 does not hold its square: scale the samples")
		_, err = subspace.KMeans{Groups: 2}.Fit(x)
		require.ErrorIs(t, err, subspace.ErrInput)
	}
}
