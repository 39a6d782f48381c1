package optest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
)

// Devices returns where a test of a program is to run: nil, which is the host, and, with
// the build tag whitebox_cuda, a device, closed when the test ends. It is the software
// device, or, where the environment variable WHITEBOX_REQUIRE is cuda, a real one. The
// kernels of the test's own module, its .cu files with the .ptx beside each, are on it.
func Devices(t *testing.T) []*cuda.Device {
	t.Helper()
	if !plugIn(t) {
		return []*cuda.Device{nil}
	}
	d, err := cuda.Open(0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return []*cuda.Device{nil, d}
}
