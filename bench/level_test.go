package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

func TestLevelsAreThoseOfTheMachine(t *testing.T) {
	on, err := levels("")
	require.NoError(t, err)
	require.Equal(t, []simd.Level{simd.Active()}, on)
	on, err = levels("purego, generic")
	require.NoError(t, err)
	require.Equal(t, []simd.Level{simd.Generic, simd.Generic}, on)
	for _, l := range simd.Levels() {
		on, err = levels(l.String())
		require.NoError(t, err)
		require.Equal(t, []simd.Level{l}, on)
	}
	for _, bad := range []string{"sse", "generic,", "AVX2", "avx1024"} {
		_, err = levels(bad)
		require.ErrorContains(t, err, "-level", bad)
	}
}

// TestPeersComputeOnTheLevelToo has the variables of the libraries, and none of those that
// slow OpenBLAS down.
func TestPeersComputeOnTheLevelToo(t *testing.T) {
	environ := []string{"HOME=/", "OPENBLAS_CORETYPE=Nehalem", "OPENBLAS_L2_SIZE=1", "OPENBLAS_NUM_THREADS=2"}
	require.Equal(t, []string{"HOME=/", "OPENBLAS_NUM_THREADS=2"}, peerEnvironment(environ, simd.AVX512))
	require.Equal(t, []string{"HOME=/", "OPENBLAS_NUM_THREADS=2", "OPENBLAS_CORETYPE=Haswell",
		"ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2"},
		peerEnvironment(environ, simd.AVX2))
	require.Len(t, environ, 4)
	require.Equal(t, "OPENBLAS_CORETYPE=Nehalem", environ[1])
}
