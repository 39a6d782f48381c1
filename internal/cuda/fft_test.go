//go:build whitebox_cuda && linux && (amd64 || arm64)

package cuda_test

import (
	"math"
	"math/cmplx"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

// raw returns the memory of x.
func raw[T any](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}

// upload returns device memory that holds x, freed when the test ends.
func upload[T any](t *testing.T, d *cuda.Device, s *cuda.Stream, x []T) *cuda.Mem {
	t.Helper()
	m, err := d.Alloc(len(raw(x)), "x")
	require.NoError(t, err)
	require.NoError(t, s.Upload(m.Ptr, raw(x)))
	return m
}

// spectrumOf returns the spectra of dense signals of h×w by their definition.
func spectrumOf(x []float64, h, w int) []complex128 {
	var out []complex128
	for ; len(x) > 0; x = x[h*w:] {
		for u := range h {
			for v := range w/2 + 1 {
				sum := 0i
				for a := range h {
					for b := range w {
						sum += complex(x[a*w+b], 0) * cmplx.Rect(1,
							-2*math.Pi*(float64(u*a)/float64(h)+float64(v*b)/float64(w)))
					}
				}
				out = append(out, sum)
			}
		}
	}
	return out
}

// TestTransformsAreThoseOfTheDefinition transforms batches there and back, in a
// graph too.
func TestTransformsAreThoseOfTheDefinition(t *testing.T) {
	fake.Use(t)
	_, last := fake.Last(t)
	for _, sides := range [][]int{{20}, {17}, {3, 18}, {4, 7}} {
		h, w := 1, sides[len(sides)-1]
		if len(sides) == 2 {
			h = sides[0]
		}
		x := make([]float64, 3*h*w)
		for i := range x {
			x[i] = math.Sin(float64(i*i + 1))
		}
		require.NoError(t, on(t, last, func(d *cuda.Device, s *cuda.Stream) error {
			f, err := d.FFT()
			require.NoError(t, err)
			in, spectra := upload(t, d, s, x), upload(t, d, s, make([]complex128, 3*h*(w/2+1)))
			var plans []*cuda.Plan
			var works []*cuda.Mem
			for _, inverse := range []bool{false, true} {
				p, err := f.Plan(cuda.Transform{Double: true, Inverse: inverse, Sides: sides, Batch: 3})
				require.NoError(t, err)
				work, err := d.Alloc(p.Work, "work")
				require.NoError(t, err)
				require.NoError(t, p.Bind(s, work.Ptr))
				plans, works = append(plans, p), append(works, work)
			}
			g, err := s.Capture(func() error { return plans[0].Do(spectra.Ptr, in.Ptr) })
			require.NoError(t, err)
			require.NoError(t, s.Replay(g))
			got := make([]complex128, 3*h*(w/2+1))
			require.NoError(t, s.Download(raw(got), spectra.Ptr))
			require.NoError(t, s.Synchronize())
			for i, v := range spectrumOf(x, h, w) {
				require.InDelta(t, 0, cmplx.Abs(v-got[i]), 1e-12, "%v, number %d", sides, i)
			}
			back := make([]float64, len(x))
			require.NoError(t, plans[1].Do(in.Ptr, spectra.Ptr))
			require.NoError(t, s.Download(raw(back), in.Ptr))
			require.NoError(t, s.Synchronize())
			for i := range x {
				require.InDelta(t, x[i], back[i]/float64(h*w), 1e-13, "%v, there and back", sides)
			}
			for i := range plans {
				require.NoError(t, plans[i].Free())
				require.NoError(t, plans[i].Free(), "a second Free does nothing")
				require.NoError(t, works[i].Free())
			}
			require.NoError(t, g.Free())
			require.NoError(t, in.Free())
			return spectra.Free()
		}))
	}
}

func TestAPlanThatCannotBeMadeSaysItsSizes(t *testing.T) {
	c := faults(t)
	require.NoError(t, on(t, 0, func(d *cuda.Device, _ *cuda.Stream) error {
		f, err := d.FFT()
		require.NoError(t, err)
		c.Fail("cufftMakePlanMany", 1, 2)
		_, err = f.Plan(cuda.Transform{Sides: []int{20, 30}, Batch: 7})
		require.ErrorContains(t, err,
			"cufftMakePlanMany: CUFFT_INTERNAL_ERROR (5): 7 signals of 20×30: a launch failed, or one before")
		require.Equal(t, 1, d.Live(), "the stream")
		return nil
	}))
}

// TestWithoutCuFFTAnErrorSaysWhatToInstall hides the library.
func TestWithoutCuFFTAnErrorSaysWhatToInstall(t *testing.T) {
	fake.Only(t, "it hides a library")
	dir, err := fake.Build()
	require.NoError(t, err)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	without := t.TempDir()
	for _, f := range files {
		if !strings.Contains(f.Name(), "cufft") {
			require.NoError(t, os.Symlink(filepath.Join(dir, f.Name()), filepath.Join(without, f.Name())))
		}
	}
	t.Setenv(cuda.PathVariable, without)
	require.NoError(t, on(t, 0, func(d *cuda.Device, _ *cuda.Stream) error {
		_, err := d.FFT()
		require.ErrorIs(t, err, cuda.ErrUnavailable)
		require.ErrorContains(t, err,
			"cuFFT was not found (libcufft.so.12, libcufft.so.11, libcufft.so.10, libcufft.so)")
		require.ErrorContains(t, err, "install it, or name its folder in WHITEBOX_CUDA_PATH")
		return nil
	}))
	t.Setenv(cuda.PathVariable, dir)
}
