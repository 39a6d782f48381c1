//go:build whitebox_cuda && linux && (amd64 || arm64)

package fake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// floats is a zeroed allocation, freed when the test ends, if the device lives.
func floats(t *testing.T, d *cuda.Device, s *cuda.Stream, n int) launch.Ptr {
	t.Helper()
	m, err := d.Alloc(4*n, "x")
	require.NoError(t, err)
	require.NoError(t, s.Fill(m.Ptr, 0, 4*n))
	require.NoError(t, s.Synchronize())
	t.Cleanup(func() { _ = d.Do(m.Free) })
	return m.Ptr
}

// refused runs f, which must be refused, on a device that lives until the test ends,
// and returns what the device said.
func refused(t *testing.T, f func(t *testing.T, d *cuda.Device, s *cuda.Stream) error) string {
	t.Helper()
	c := fake.Use(t)
	d, err := cuda.Open(0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	said := ""
	require.NoError(t, d.Do(func() error {
		s, err := d.NewStream()
		require.NoError(t, err)
		require.Error(t, f(t, d, s))
		said = c.Forgive()
		return s.Free()
	}))
	return said
}

// multiply is a product of 4×4 matrices of float64.
func multiply(d *cuda.Device, s *cuda.Stream, a, b, c launch.Ptr, lda int) error {
	blas, err := d.BLAS()
	if err != nil {
		return err
	}
	if err := blas.Gemm(s, &launch.Gemm{Double: true, M: 4, N: 4, K: 4, Alpha: 1, A: a, LDA: lda, B: b, LDB: 4, C: c,
		LDC: 4}); err != nil {
		return err
	}
	return s.Synchronize()
}

// TestOperandsOfLibrariesAreChecked gives libraries what a strict device refuses.
func TestOperandsOfLibrariesAreChecked(t *testing.T) {
	fake.Only(t, "it tests that")
	for name, c := range map[string]struct {
		says string
		f    func(t *testing.T, d *cuda.Device, s *cuda.Stream) error
	}{
		"a leading dimension below the width": {"lda 4, ldb 3",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				x := floats(t, d, s, 32)
				return multiply(d, s, x, x, floats(t, d, s, 32), 3)
			}},
		"an address between two numbers": {"not in one allocation, or misaligned",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				x := floats(t, d, s, 40)
				return multiply(d, s, x+4, x, floats(t, d, s, 32), 4)
			}},
		"a matrix of which a number is missing": {"not in one allocation, or misaligned",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				return multiply(d, s, floats(t, d, s, 32), floats(t, d, s, 30), floats(t, d, s, 32), 4)
			}},
		"a factor in memory of the host": {"not in one allocation, or misaligned",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				v, err := d.Solver()
				require.NoError(t, err)
				return v.Cholesky(s, 4, 4096, 4, floats(t, d, s, 100), 50, floats(t, d, s, 1))
			}},
		"too little scratch": {"scratch 3, want 4", func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
			v, err := d.Solver()
			require.NoError(t, err)
			return v.Cholesky(s, 4, floats(t, d, s, 32), 4, floats(t, d, s, 6), 3, floats(t, d, s, 1))
		}},
		"a batch at addresses of the host": {"matrix 0 of 2 is not in one allocation",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				v, err := d.Solver()
				require.NoError(t, err)
				require.NoError(t, v.CholeskyBatch(s, &cuda.CholeskyBatch{N: 2, At: floats(t, d, s, 4),
					Info: floats(t, d, s, 2), Batch: 2}))
				return s.Synchronize()
			}},
		"signals that are not aligned for complex numbers": {"is not aligned for complex numbers",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				return transform(t, d, s, floats(t, d, s, 9)+4)
			}},
		"signals of which a number is missing": {"do not lie in an allocation each",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				return transform(t, d, s, floats(t, d, s, 7))
			}},
		"a plan that is gone": {"is no plan of the context", func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
			f, err := d.FFT()
			require.NoError(t, err)
			p, err := f.Plan(cuda.Transform{Sides: []int{8}, Batch: 1})
			require.NoError(t, err)
			again := *p
			require.NoError(t, p.Free())
			return again.Bind(s, floats(t, d, s, 100))
		}},
	} {
		t.Run(name, func(t *testing.T) { require.Contains(t, refused(t, c.f), c.says) })
	}
}

// transform transforms a signal of 8 at x.
func transform(t *testing.T, d *cuda.Device, s *cuda.Stream, x launch.Ptr) error {
	f, err := d.FFT()
	require.NoError(t, err)
	p, err := f.Plan(cuda.Transform{Sides: []int{8}, Batch: 1})
	require.NoError(t, err)
	require.NoError(t, p.Bind(s, floats(t, d, s, p.Work/4)))
	err = p.Do(floats(t, d, s, 10), x)
	require.NoError(t, p.Free())
	return err
}

// TestKernelsAreChecked launches what a strict device stops.
func TestKernelsAreChecked(t *testing.T) {
	fake.Only(t, "it tests that")
	for name, c := range map[string]struct {
		says string
		f    func(t *testing.T, d *cuda.Device, s *cuda.Stream) error
	}{
		"a read behind an operand": {"relu_relu_f32: block 0, thread",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				return start(t, d, s, 11, floats(t, d, s, 11), floats(t, d, s, 10))
			}},
		"a misaligned address": {"relu_relu_f32: block 0, thread 0 has an address that is not aligned",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				return start(t, d, s, 1, floats(t, d, s, 8), floats(t, d, s, 8)+2)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, refused(t, c.f), c.says)
		})
	}
}

// TestCapturesAreChecked makes calls that a stream that is captured forbids.
func TestCapturesAreChecked(t *testing.T) {
	fake.Only(t, "it tests that")
	for name, c := range map[string]struct {
		says string
		f    func(t *testing.T, d *cuda.Device, s *cuda.Stream, x launch.Ptr) error
	}{
		"an allocation": {"cuMemAlloc while a stream is captured",
			func(t *testing.T, d *cuda.Device, _ *cuda.Stream, _ launch.Ptr) error {
				_, err := d.Alloc(8, "x")
				return err
			}},
		"a wait": {"cuStreamSynchronize while a stream is captured",
			func(t *testing.T, _ *cuda.Device, s *cuda.Stream, _ launch.Ptr) error { return s.Synchronize() }},
		"a copy of pageable memory": {"a copy of pageable memory is captured",
			func(t *testing.T, _ *cuda.Device, s *cuda.Stream, x launch.Ptr) error {
				return s.Upload(x, make([]byte, 8))
			}},
		"a plan": {"cufftMakePlanMany while a stream is captured",
			func(t *testing.T, d *cuda.Device, _ *cuda.Stream, _ launch.Ptr) error {
				f, err := d.FFT()
				require.NoError(t, err)
				_, err = f.Plan(cuda.Transform{Sides: []int{8}, Batch: 1})
				return err
			}},
		"an event from outside": {"waits for an event from outside",
			func(t *testing.T, d *cuda.Device, s *cuda.Stream, _ launch.Ptr) error {
				other, err := d.NewStream()
				require.NoError(t, err)
				e, err := d.NewEvent()
				require.NoError(t, err)
				require.NoError(t, e.Record(other))
				err = s.Wait(e)
				require.NoError(t, e.Free())
				require.NoError(t, other.Free())
				return err
			}},
	} {
		t.Run(name, func(t *testing.T) {
			said := refused(t, func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				x := floats(t, d, s, 2)
				g, err := s.Capture(func() error { return c.f(t, d, s, x) })
				require.NoError(t, g.Free())
				return err
			})
			require.Contains(t, said, c.says)
		})
	}
}

// TestContextsAreChecked uses on one device what belongs to another.
func TestContextsAreChecked(t *testing.T) {
	fake.Only(t, "it tests that")
	for name, c := range map[string]struct {
		says string
		f    func(t *testing.T, d *cuda.Device, s, theirs *cuda.Stream, at launch.Ptr) error
	}{
		"a copy": {"does not lie in one allocation",
			func(_ *testing.T, _ *cuda.Device, s, _ *cuda.Stream, at launch.Ptr) error { return s.Fill(at, 0, 16) }},
		"a kernel": {"is given memory that is not of device 0",
			func(t *testing.T, d *cuda.Device, s, _ *cuda.Stream, at launch.Ptr) error {
				return start(t, d, s, 4, at, at)
			}},
		"a stream": {"work for a stream of device 1 in a context of device 0",
			func(t *testing.T, d *cuda.Device, s, theirs *cuda.Stream, _ launch.Ptr) error {
				x := floats(t, d, s, 4)
				return start(t, d, theirs, 4, x, x)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			other, err := cuda.Open(1)
			require.NoError(t, err)
			var mem *cuda.Mem
			var stream *cuda.Stream
			require.NoError(t, other.Do(func() error {
				if stream, err = other.NewStream(); err != nil {
					return err
				}
				mem, err = other.Alloc(16, "theirs")
				return err
			}))
			said := refused(t, func(t *testing.T, d *cuda.Device, s *cuda.Stream) error {
				return c.f(t, d, s, stream, mem.Ptr)
			})
			require.Contains(t, said, c.says)
			require.NoError(t, other.Do(func() error {
				require.NoError(t, stream.Free())
				return mem.Free()
			}))
			require.NoError(t, other.Close())
		})
	}
}

// TestMemoryIsPoisonedAndLeaksAreCounted multiplies what nobody has written, and
// counts what is not freed.
func TestMemoryIsPoisonedAndLeaksAreCounted(t *testing.T) {
	c := fake.Only(t, "it tests that")
	d, err := cuda.Open(0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	require.NoError(t, d.Do(func() error {
		s, err := d.Compute()
		require.NoError(t, err)
		x := floats(t, d, s, 32)
		y, err := d.Alloc(8*16, "y")
		require.NoError(t, err)
		live := c.Live()
		out, err := d.Alloc(8*16, "out")
		require.NoError(t, err)
		require.Equal(t, live+1, c.Live())
		require.NoError(t, multiply(d, s, x, y.Ptr, out.Ptr, 4))
		got := make([]byte, 8*16)
		require.NoError(t, s.Download(got, out.Ptr))
		require.Equal(t, byte(0xff), got[7]|0x80, "0·NaN is NaN")
		require.Equal(t, byte(0xf8), got[6]&0xf8)
		require.NoError(t, out.Free())
		return y.Free()
	}))
}
