//go:build whitebox_cuda && linux && (amd64 || arm64)

package cuda_test

import (
	"os"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// reluPTX is a kernel to launch.
func reluPTX(t *testing.T) string {
	b, err := os.ReadFile("../op/relu/relu.ptx")
	require.NoError(t, err)
	return string(b)
}

func bytesOf(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}

// on runs f on device i of the software device.
func on(t *testing.T, i int, f func(d *cuda.Device, s *cuda.Stream) error) error {
	t.Helper()
	d, err := cuda.Open(i)
	require.NoError(t, err)
	err = d.Do(func() error {
		s, err := d.NewStream()
		require.NoError(t, err)
		err = f(d, s)
		require.NoError(t, s.Free())
		return err
	})
	require.NoError(t, d.Close())
	return err
}

func TestAKernelRuns(t *testing.T) {
	fake.Use(t)
	require.NoError(t, cuda.Check())
	_, last := fake.Last(t)
	for i := range last + 1 {
		x := []float32{-1, 2, -3, 4, 5}
		require.NoError(t, on(t, i, func(d *cuda.Device, s *cuda.Stream) error {
			mem, err := d.Alloc(4*len(x), "x")
			require.NoError(t, err)
			require.NoError(t, s.Upload(mem.Ptr, bytesOf(x)))
			m, err := d.Module("relu", reluPTX(t))
			require.NoError(t, err)
			l, err := m.Launch("relu_relu_f32", launch.Elements(len(x)), launch.I(len(x)), launch.P(mem.Ptr),
				launch.P(mem.Ptr))
			require.NoError(t, err)
			require.NoError(t, l.Do(s))
			require.NoError(t, s.Download(bytesOf(x), mem.Ptr))
			require.NoError(t, s.Synchronize())
			return mem.Free()
		}))
		require.Equal(t, []float32{0, 2, 0, 4, 5}, x)
	}
}

// TestThePeakOfMemoryIsTold allocates, frees and allocates.
func TestThePeakOfMemoryIsTold(t *testing.T) {
	fake.Use(t)
	require.NoError(t, on(t, 0, func(d *cuda.Device, _ *cuda.Stream) error {
		require.Zero(t, d.PeakMemory())
		a, err := d.Alloc(1000, "a")
		require.NoError(t, err)
		b, err := d.Alloc(500, "b")
		require.NoError(t, err)
		require.NoError(t, a.Free())
		c, err := d.Alloc(100, "c")
		require.NoError(t, err)
		require.EqualValues(t, 1500, d.PeakMemory())
		d.ResetPeak()
		require.EqualValues(t, 600, d.PeakMemory())
		free, total, err := d.MemInfo()
		require.NoError(t, err)
		require.Positive(t, free)
		require.Greater(t, total, free)
		require.NoError(t, b.Free())
		return c.Free()
	}))
}
