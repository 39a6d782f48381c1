//go:build whitebox_cuda && linux && (amd64 || arm64)

package segment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

// TestDeviceGroupsAsTheHost compares whole runs: the inner products are float64 on both.
func TestDeviceGroupsAsTheHost(t *testing.T) {
	fake.Use(t)
	last, _ := fake.Last(t)
	host, device := t.TempDir(), t.TempDir()
	for dir, on := range map[string]string{host: "cpu", device: last} {
		_, err := command(t.Context(), t, "-data", "subspaces", "-n", "60", "-device", on, "-out", dir)
		require.NoError(t, err)
	}
	want, _ := read(t, host)
	got, _ := read(t, device)
	for i := range want.Methods {
		want.Methods[i].Seconds, got.Methods[i].Seconds = 0, 0
	}
	require.Equal(t, want, got)
}
