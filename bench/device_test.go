//go:build whitebox_cuda && linux && (amd64 || arm64)

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/nn"
)

// TestEveryWorkloadRunsOnADevice runs each small, twice: the second time as a graph.
// Solvers on matrices and decompositions are the only ones of the host.
func TestEveryWorkloadRunsOnADevice(t *testing.T) {
	c := fake.Use(t)
	dev, err := cuda.Open(0)
	require.NoError(t, err)
	for _, w := range workloads(32) {
		if w.host {
			require.Regexp(t, "ista|products|eigh|svd|qr|pca|nearest|neighbors|kmeans|spectral|omp|dict", w.name)
			continue
		}
		var launched int
		if c != nil {
			launched = c.Launched()
		}
		run, free, err := w.prepare(nn.Options{Device: dev})
		require.NoError(t, err, w.name)
		for range 2 {
			require.NoError(t, run(), w.name)
		}
		require.NoError(t, free(), w.name)
		if c != nil {
			require.Greater(t, c.Launched(), launched, w.name)
		}
		require.Zero(t, dev.Driver.Live(), w.name)
	}
	require.NoError(t, dev.Close())
}

func TestTheFlagChoosesTheDevice(t *testing.T) {
	fake.Use(t)
	var b strings.Builder
	require.NoError(t, onDevice(&b, wall(t), "cuda:0", "gemm_nn_128,ista", 1, 1, ""))
	var l Line
	require.NoError(t, json.Unmarshal([]byte(b.String()), &l), "one line: %s", b.String())
	require.Equal(t, "gemm_nn_128", l.Workload)
	require.GreaterOrEqual(t, l.PeakMiB, 3*128*128*4/float64(1<<20), "two matrices and their product")
	require.Positive(t, l.FirstMS)
	require.ErrorIs(t, onDevice(&b, wall(t), "cuda:99", "gemm_nn_128", 1, 1, ""), cuda.ErrUnavailable)
	require.ErrorContains(t, onDevice(&b, wall(t), "tpu", "gemm_nn_128", 1, 1, ""), "-device")
}
