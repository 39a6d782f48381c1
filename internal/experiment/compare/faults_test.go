//go:build whitebox_cuda && linux && (amd64 || arm64)

package compare

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

// onDevice returns a short run on the device.
func onDevice(dir string, more ...string) []string {
	return append(args(dir, "-device", "cuda:0", "-epochs", "3", "-train", "200", "-test", "50", "-batch", "50", "-dim",
		"12"), more...)
}

// TestADeviceThatCannotBeUsedSaysWhy has no driver, one that is too old for CUDA 11,
// one that is too old for the kernels, and no memory.
func TestADeviceThatCannotBeUsedSaysWhy(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	for _, f := range []struct {
		name  string
		force func()
		is    error
		says  []string
	}{
		{"an old driver", func() { c.Version(10020) }, cuda.ErrUnavailable,
			[]string{"-device cuda:0: ", "the driver is for CUDA 10.2, want 11.0 or newer: update it"}},
		{"a driver too old for the kernels", func() { c.Version(11000); c.Fail("cuModuleLoadData", 1, 222) }, nil,
			[]string{"mcr2: ", "PTX 6.0, on software device 0", "by a driver for CUDA 11.0",
				"the driver is too old for the kernels: update it"}},
		{"no memory", func() { c.Version(13000); c.Memory(5 << 20) }, cuda.ErrOutOfMemory,
			[]string{"mcr2: ", " needs ", " of 5 MiB are free on software device 0", "a smaller batch"}},
	} {
		t.Run(f.name, func(t *testing.T) {
			f.force()
			_, err := command(t.Context(), t, onDevice(t.TempDir()))
			require.Error(t, err)
			if f.is != nil {
				require.ErrorIs(t, err, f.is)
			}
			for _, words := range f.says {
				require.ErrorContains(t, err, words)
			}
		})
	}
	none := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(none, "libcuda.so.1"), []byte("no library\n"), 0o600))
	t.Setenv(cuda.PathVariable, none)
	_, err := command(t.Context(), t, onDevice(t.TempDir()))
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	require.ErrorContains(t, err, "-device cuda:0: the driver was not found")
}

// TestADeviceLostInTheMiddleLosesNoStepBefore takes the device away under each
// objective, and goes on from the last checkpoint to the numbers of a run on a device
// that stays.
func TestADeviceLostInTheMiddleLosesNoStepBefore(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	whole, parts := t.TempDir(), t.TempDir()
	_, err := command(t.Context(), t, onDevice(whole))
	require.NoError(t, err)
	_, want := readSummary(t, whole)

	c.Fail("cuGraphLaunch", 5, 719)
	_, err = command(t.Context(), t, onDevice(parts))
	require.ErrorIs(t, err, cuda.ErrDeviceLost)
	require.ErrorContains(t, err, "mcr2: train: after step ")
	require.ErrorContains(t, err, "start again from the last checkpoint")
	c.Forgive()
	require.FileExists(t, filepath.Join(parts, "mcr2", "last.safetensors"))

	_, err = command(t.Context(), t, onDevice(parts, "-resume"))
	require.NoError(t, err)
	_, got := readSummary(t, parts)
	require.Equal(t, want, got)
}
