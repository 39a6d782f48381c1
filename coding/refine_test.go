package coding_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/coding"
)

// TestRefineMendsAClustering starts from the truth with some samples in the wrong
// group, and finds the truth again; a clustering that cannot be mended stays.
func TestRefineMendsAClustering(t *testing.T) {
	x, labels := mixture(rand.New(rand.NewPCG(13, 1)), 8, []int{40, 40, 40}, []int{2, 3, 2}, 0.01)
	for _, affine := range []bool{false, true} {
		wrong := append([]int(nil), labels...)
		for i := 3; i < len(wrong); i += 9 {
			wrong[i] = (wrong[i] + 1) % 3
		}
		before := ok(t)(coding.ClusteredLength(x, wrong, 0.01, affine))
		got, err := (&coding.Clusters{Labels: wrong, Groups: 3}).Refine(t.Context(), x, 0.01, affine)
		require.NoError(t, err)
		require.Equal(t, labels, got.Labels)
		require.Equal(t, 3, got.Groups)
		require.Less(t, got.Bits, before)
		require.InDelta(t, got.Bits, ok(t)(coding.ClusteredLength(x, labels, 0.01, affine)), 1e-9)
		again, err := got.Refine(t.Context(), x, 0.01, affine)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&coding.Clusters{Labels: labels, Groups: 3}).Refine(ctx, x, 0.01, false)
	require.ErrorIs(t, err, context.Canceled)
	_, err = (&coding.Clusters{}).Refine(t.Context(), x, 0.01, false)
	require.ErrorIs(t, err, coding.ErrInput)
}
