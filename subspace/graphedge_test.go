package subspace_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/subspace"
)

// A graph that is none has no samples, and weights beyond it are 0.
func TestGraphsOfNothing(t *testing.T) {
	var none *subspace.Graph
	var missing *mat.SymDense
	for _, g := range []*subspace.Graph{none, {}, subspace.NewGraph(nil), subspace.NewGraph(missing),
		subspace.NewGraph(none), subspace.NewGraph(&subspace.Graph{})} {
		require.Zero(t, g.SymmetricDim())
		require.Zero(t, g.Edges())
		require.Zero(t, g.At(0, 0))
	}
	g := subspace.NewGraph(mat.NewSymDense(2, []float64{1, 2, 2, 3}))
	require.Equal(t, 2.0, g.At(1, 0))
	for _, at := range [][2]int{{-1, 0}, {0, -1}, {2, 0}, {0, 2}, {1 << 40, 0}, {0, 1 << 32}} {
		require.Zero(t, g.At(at[0], at[1]))
	}
}
