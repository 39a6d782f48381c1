package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/nn"
)

// TestPeaksBeginAnew holds 64 MiB, and then nothing.
func TestPeaksBeginAnew(t *testing.T) {
	if runtime.GOOS != "linux" || !newGauge().reset {
		return // this system does not let a process begin its peak anew
	}
	const mib = 64
	hold := func() error {
		x := make([]byte, mib<<20)
		for i := range x {
			x[i] = 1
		}
		runtime.KeepAlive(x)
		return nil
	}
	nothing := func() error { return nil }
	peak := func(run func() error) float64 {
		prepare := func(nn.Options) (func() error, func() error, error) { return run, nothing, nil }
		l, err := measure(wall(t), workload{name: "hold", prepare: prepare}, nn.Options{Workers: 1}, 1)
		require.NoError(t, err)
		return l.ResidentMiB
	}
	before := peak(nothing)
	require.Greater(t, before, 1.0)
	require.GreaterOrEqual(t, peak(hold), before+mib-8)
	require.Less(t, peak(nothing), before+8)
}
