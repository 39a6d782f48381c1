//go:build whitebox_cuda && linux && (amd64 || arm64)

package cuda_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

func TestChooseOpensWhatTheUserNamed(t *testing.T) {
	fake.Use(t)
	for _, name := range []string{"", "cpu"} {
		d, err := cuda.Choose(name)
		require.NoError(t, err)
		require.Nil(t, d)
		require.NoError(t, d.Close())
	}
	d, err := cuda.Choose("cuda")
	require.NoError(t, err)
	require.Zero(t, d.Info().Index)
	require.NoError(t, d.Close())
	for _, name := range []string{"gpu", "cuda1", "cuda:", "cuda:-1", "cuda:x"} {
		_, err := cuda.Choose(name)
		require.ErrorContains(t, err, "want cpu, cuda or cuda:i", name)
	}
}

// TestADeviceSaysWhatItHas asks the software device, and one that is closed or none.
func TestADeviceSaysWhatItHas(t *testing.T) {
	fake.Use(t)
	require.True(t, cuda.Available())
	all, err := cuda.Devices()
	require.NoError(t, err)
	d, err := cuda.Open(0)
	require.NoError(t, err)
	require.Equal(t, all[0], d.Info())
	require.Contains(t, d.String(), all[0].Name)
	libraries, err := d.Libraries()
	require.NoError(t, err)
	require.Len(t, libraries, 3)
	for _, l := range libraries {
		require.NoError(t, l.Err, l.Name)
	}
	free, total, err := d.Memory()
	require.NoError(t, err)
	require.Positive(t, free)
	require.LessOrEqual(t, free, total)
	require.NoError(t, d.Synchronize())
	d.ResetPeak()
	require.LessOrEqual(t, d.PeakMemory(), total)
	require.NoError(t, d.Close())
	_, _, err = d.Memory()
	require.ErrorIs(t, err, cuda.ErrClosed)
	for _, none := range []*cuda.Device{nil, {}} {
		_, err := none.Libraries()
		require.Error(t, err)
		_, _, err = none.Memory()
		require.Error(t, err)
		require.Error(t, none.Synchronize())
		require.Zero(t, none.PeakMemory())
		require.NoError(t, none.Close())
	}
}
