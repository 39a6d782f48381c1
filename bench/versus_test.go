package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/openblas"
)

// TestProductsAreTimedInTurn wants a line a product, where there is an OpenBLAS.
func TestProductsAreTimedInTurn(t *testing.T) {
	var b strings.Builder
	err := versus(&b, wall(t), "auto", 3, []int{48})
	if lib, missing := openblas.Open(""); missing != nil {
		require.ErrorIs(t, err, openblas.ErrUnavailable)
	} else {
		require.NoError(t, err)
		require.Contains(t, b.String(), lib.Config(), "which says the processor that OpenBLAS takes this one for")
		for _, dtype := range []string{"float32", "float64"} {
			for _, form := range []string{"nn", "tn", "nt", "tt"} {
				require.Regexp(t, dtype+" "+form+` 48( +[0-9.]+){5}`, b.String())
			}
		}
	}
	require.ErrorIs(t, versus(&b, wall(t), "/none.so", 3, []int{48}), openblas.ErrUnavailable)
}
