//go:build whitebox_cuda && linux && (amd64 || arm64)

package train

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/nn"
)

func onDevice(t *testing.T, test func(t *testing.T, o nn.Options)) {
	t.Helper()
	t.Run("device", func(t *testing.T) {
		fake.Use(t)
		d, err := cuda.Open(0)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, d.Close()) })
		test(t, nn.Options{Device: d})
	})
}

// allocs is testing.AllocsPerRun.
func allocs(o nn.Options, runs int, f func()) float64 {
	if o.Device == nil {
		return testing.AllocsPerRun(runs, f)
	}
	return fake.Allocs(runs, f)
}
