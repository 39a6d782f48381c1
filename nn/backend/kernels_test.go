package backend_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn/backend"
)

func TestKernelsSayWhyABetterLevelIsNotInUse(t *testing.T) {
	before := simd.Active()
	defer func() { require.NoError(t, simd.Use(before)) }()
	for _, l := range simd.Levels() {
		require.NoError(t, simd.Use(l))
		got := backend.Kernels()
		require.Contains(t, got, "in use: "+l.String())
		if why := simd.Why(); why != "" {
			require.Contains(t, got, l.String()+": "+why)
		}
	}
}
