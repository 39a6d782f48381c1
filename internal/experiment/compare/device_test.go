//go:build whitebox_cuda && linux && (amd64 || arm64)

package compare

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

// TestDeviceComparesAsTheHost runs the command on both.
func TestDeviceComparesAsTheHost(t *testing.T) {
	fake.Use(t)
	last, _ := fake.Last(t)
	dir := t.TempDir()
	on, off := filepath.Join(dir, "on"), filepath.Join(dir, "off")
	_, err := command(t.Context(), t, args(on, "-device", last, "-epochs", "1"))
	require.NoError(t, err)
	_, err = command(t.Context(), t, args(off, "-epochs", "1"))
	require.NoError(t, err)
	got, _ := readSummary(t, on)
	want, _ := readSummary(t, off)
	require.InEpsilon(t, want.MCR2.DeltaR, got.MCR2.DeltaR, 1e-3)
	require.InEpsilon(t, want.CE.DeltaR, got.CE.DeltaR, 1e-2)
}
