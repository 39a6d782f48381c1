//go:build whitebox_cuda && linux && (amd64 || arm64)

package cuda_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// faults returns the software device, which can be told to fail.
func faults(t *testing.T) *fake.Control {
	t.Helper()
	return fake.Only(t, "it makes calls fail")
}

func TestWhatIsMissingIsSaidInASentence(t *testing.T) {
	c := faults(t)
	c.Version(10020)
	_, err := cuda.Open(0)
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	require.ErrorContains(t, err, "the driver is for CUDA 10.2, want 11.0 or newer: update it")
	require.Error(t, cuda.Check())
	c.Version(13000)

	c.Fail("cuInit", 1, 100)
	require.ErrorContains(t, cuda.Check(), "CUDA_ERROR_NO_DEVICE (100): the driver finds no GPU")
	c.Fail("cuDeviceGetCount", 1, 999)
	require.ErrorIs(t, cuda.Check(), cuda.ErrUnavailable)
	_, err = cuda.Open(2)
	require.ErrorContains(t, err, "there is no device 2: the driver finds 2, from 0 to 1")

	all, err := cuda.Devices()
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "software device 1", all[1].Name)
	require.Equal(t, [2]int{7, 0}, all[1].Compute)
	require.Equal(t, [2]int{13, 0}, all[1].Driver)
}

func TestADriverThatLacksAFunctionIsTooOld(t *testing.T) {
	faults(t)
	fake.Without(t, "cuMemGetInfo_v2")
	require.ErrorContains(t, cuda.Check(), "has no function cuMemGetInfo_v2: it is too old, update it")
}

// TestWithoutADriverAnErrorSaysWhatToInstall finds a file that is no library. It forces
// that on a machine with a GPU too.
func TestWithoutADriverAnErrorSaysWhatToInstall(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "libcuda.so.1"), []byte("no library\n"), 0o600))
	t.Setenv(cuda.PathVariable, dir)
	_, err := cuda.Open(0)
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	require.ErrorContains(t, err, "the driver was not found (libcuda.so.1, libcuda.so): ")
	require.ErrorContains(t, err, "install it, or name its folder in WHITEBOX_CUDA_PATH")
}

// TestADriverThatIsTooOldForTheKernelsSaysForWhich refuses the PTX, as it does text
// that is none.
func TestADriverThatIsTooOldForTheKernelsSaysForWhich(t *testing.T) {
	c := faults(t)
	c.Version(11080)
	require.NoError(t, on(t, 0, func(d *cuda.Device, _ *cuda.Stream) error {
		c.Fail("cuModuleLoadData", 1, 222)
		_, err := d.Module("relu", reluPTX(t))
		require.ErrorContains(t, err,
			"the kernels of relu, PTX 6.0, on software device 0, compute capability 7.0, by a driver for CUDA 11.8: "+
				"cuda: cuModuleLoadData: CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222): the driver is too old for the "+
				"kernels: update it")
		_, err = d.Module("relu", reluPTX(t))
		return err
	}))
}

func TestNoMemorySaysHowMuchIsFree(t *testing.T) {
	c := faults(t)
	c.Memory(1 << 30)
	require.NoError(t, on(t, 0, func(d *cuda.Device, _ *cuda.Stream) error {
		keep, err := d.Alloc(200<<20, "a model")
		require.NoError(t, err)
		_, err = d.Alloc(3<<30, "the program")
		require.ErrorIs(t, err, cuda.ErrOutOfMemory)
		require.ErrorContains(t, err, "the program needs 3 GiB, 824 MiB of 1 GiB are free on software device 0")
		require.ErrorContains(t, err, "a smaller batch")
		return keep.Free()
	}))
}

func TestCallsOutsideOfDoAreErrors(t *testing.T) {
	fake.Use(t)
	d, err := cuda.Open(0)
	require.NoError(t, err)
	_, err = d.Alloc(8, "x")
	require.ErrorContains(t, err, "outside of Device.Do")
	_, err = d.NewStream()
	require.ErrorContains(t, err, "outside of Device.Do")
	require.NoError(t, d.Close())
	require.NoError(t, d.Close())
	require.ErrorIs(t, d.Do(func() error { return nil }), cuda.ErrClosed)
}

func TestADeviceDoesNotCloseWithMemoryInUse(t *testing.T) {
	fake.Use(t)
	d, err := cuda.Open(0)
	require.NoError(t, err)
	var m *cuda.Mem
	require.NoError(t, d.Do(func() error { m, err = d.Alloc(8, "x"); return err }))
	require.ErrorContains(t, d.Close(), "1 allocations, streams and events that are not freed")
	require.NoError(t, d.Do(m.Free))
	require.NoError(t, d.Do(m.Free), "a second Free does nothing")
	require.NoError(t, d.Close())
}

func TestALostDeviceSaysSo(t *testing.T) {
	c := faults(t)
	err := on(t, 0, func(d *cuda.Device, s *cuda.Stream) error {
		m, err := d.Module("relu", reluPTX(t))
		require.NoError(t, err)
		l, err := m.Launch("relu_relu_f32", launch.Elements(4), launch.I(0), launch.P(0), launch.P(0))
		require.NoError(t, err)
		_, err = m.Launch("relu_none_f32", launch.Elements(4))
		require.ErrorContains(t, err, `kernel "relu_none_f32" of relu`)
		c.Fail("cuLaunchKernel", 2, 701)
		require.NoError(t, l.Do(s))
		require.ErrorContains(t, l.Do(s), "relu_relu_f32 in 1 blocks of 256 threads")
		c.Fail("cuStreamSynchronize", 1, 719)
		err = s.Synchronize()
		require.ErrorIs(t, err, cuda.ErrDeviceLost)
		require.ErrorContains(t, err, "cuStreamSynchronize: CUDA_ERROR_LAUNCH_FAILED (719)")
		require.ErrorIs(t, s.Synchronize(), cuda.ErrDeviceLost, "for good")
		c.Forgive()
		return nil
	})
	require.NoError(t, err)
}

// TestStatusesOfLibrariesSayWhatToDo looks at what errors are made of statuses.
func TestStatusesOfLibrariesSayWhatToDo(t *testing.T) {
	c := faults(t)
	require.NoError(t, on(t, 0, func(d *cuda.Device, _ *cuda.Stream) error {
		c.Fail("cublasCreate_v2", 1, 3)
		_, err := d.BLAS()
		require.ErrorContains(t, err,
			"cublasCreate: CUBLAS_STATUS_NOT_INITIALIZED (1): on device 0: the device is lost, or has no memory left")
		c.Fail("cublasSetMathMode", 1, 7)
		b, err := d.BLAS()
		require.NoError(t, err)
		require.ErrorContains(t, b.TF32(false),
			"CUBLAS_STATUS_INVALID_VALUE (7): a mistake of this library: please report it")
		return nil
	}))
	require.ErrorIs(t, &cuda.Error{Call: "cufftCreate", Name: "CUFFT_ALLOC_FAILED", Code: 2}, cuda.ErrOutOfMemory)
	require.NotErrorIs(t, &cuda.Error{Call: "cufftCreate", Name: "CUFFT_INVALID_VALUE", Code: 700}, cuda.ErrDeviceLost)
}
