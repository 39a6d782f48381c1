package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

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

// TestMCR2OfManyClassesHoldsLittle has features of 20 MB and of 40: beside them a run holds
// the two gradients that are added, and of the classes packed factors, a tenth of that.
func TestMCR2OfManyClassesHoldsLittle(t *testing.T) {
	if runtime.GOOS != "linux" || !newGauge().reset {
		return // this system does not let a process begin its peak anew
	}
	const n, d, k = 20000, 256, 400
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		before := newGauge().mib()
		l, err := measure(wall(t), mcr2(dt, n, d, k), nn.Options{Workers: 2}, 2)
		require.NoError(t, err)
		features := float64(n*d*int(dt.Size())) / (1 << 20)
		require.Less(t, (l.ResidentMiB-before)/features, 3.5, "%v: %v MiB, %v before", dt, l.ResidentMiB, before)
		require.Greater(t, l.ResidentMiB-before, 2*features, "the features and their gradient")
	}
}
