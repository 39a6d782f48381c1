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
	err := versus(&b, wall(t), "auto", 3, []size{{48, 48, 48}, {9, 20, 31}})
	if lib, missing := openblas.Open(""); missing != nil {
		require.ErrorIs(t, err, openblas.ErrUnavailable)
	} else {
		require.NoError(t, err)
		require.Contains(t, b.String(), lib.Config(), "which says the processor that OpenBLAS takes this one for")
		for _, dtype := range []string{"float32", "float64"} {
			for _, form := range []string{"nn", "tn", "nt", "tt"} {
				for _, size := range []string{"48", "9×20×31"} {
					require.Regexp(t, dtype+" "+form+" "+size+`( +[0-9.]+){5}`, b.String())
				}
			}
		}
	}
	require.ErrorIs(t, versus(&b, wall(t), "/none.so", 3, []size{{48, 48, 48}, {9, 20, 31}}), openblas.ErrUnavailable)
}
