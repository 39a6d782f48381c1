//go:build whitebox_cuda && linux && (amd64 || arm64)

package cuda_test

import (
	"math"
	"math/cmplx"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// hermitian returns a positive definite n×n matrix, real if it is to be.
func hermitian(n, seed int, real bool) []complex128 {
	a := make([]complex128, n*n)
	for i := range n {
		a[i*n+i] = complex(float64(n), 0)
		for j := range i {
			phase := float64(i*i + 3*j + seed)
			a[i*n+j] = cmplx.Rect(0.5, phase)
			if real {
				a[i*n+j] = complex(math.Sin(phase)/2, 0)
			}
			a[j*n+i] = cmplx.Conj(a[i*n+j])
		}
	}
	return a
}

// product returns AB of n×n matrices.
func product(n int, a, b []complex128) []complex128 {
	c := make([]complex128, n*n)
	for i := range n {
		for j := range n {
			for k := range n {
				c[i*n+j] += a[i*n+k] * b[k*n+j]
			}
		}
	}
	return c
}

func realParts(a []complex128) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = real(v)
	}
	return out
}

// TestInversesByFactors factors batches of matrices and inverts them by their
// factors, real ones by a batch of triangular systems and one after the other, and
// Hermitian ones, in a graph.
func TestInversesByFactors(t *testing.T) {
	software := fake.Use(t) != nil
	for _, c := range []struct {
		n       int
		complex bool
	}{{5, false}, {1, false}, {130, false}, {7, true}} {
		const batch = 3
		var all []complex128
		for i := range batch {
			all = append(all, hermitian(c.n, i, !c.complex)...)
		}
		require.NoError(t, on(t, 0, func(d *cuda.Device, s *cuda.Stream) error {
			elem := 8
			memory := raw(realParts(all))
			if c.complex {
				elem, memory = 16, raw(all)
			}
			l, out := upload(t, d, s, memory), upload(t, d, s, identities(c.n, batch, elem))
			at := func(m *cuda.Mem) *cuda.Mem {
				p := make([]launch.Ptr, batch)
				for i := range p {
					p[i] = m.Ptr + launch.Ptr(elem*c.n*c.n*i)
				}
				return upload(t, d, s, p)
			}
			lAt, outAt, info := at(l), at(out), upload(t, d, s, make([]int32, batch))
			v, err := d.Solver()
			require.NoError(t, err)
			b, err := d.BLAS()
			require.NoError(t, err)
			run := func() error {
				if err := v.CholeskyBatch(s, &cuda.CholeskyBatch{Complex: c.complex, N: c.n, At: lAt.Ptr,
					Info: info.Ptr, Batch: batch}); err != nil {
					return err
				}
				return b.Invert(s, &cuda.Inverse{Complex: c.complex, N: c.n, L: l.Ptr, Out: out.Ptr, LAt: lAt.Ptr,
					OutAt: outAt.Ptr, Batch: batch})
			}
			g, err := s.Capture(run)
			if err != nil && !software { // which cuSOLVER is not documented to allow
				t.Log(err)
				require.NoError(t, run())
			} else {
				require.NoError(t, err)
				require.NoError(t, s.Replay(g))
			}
			got := make([]byte, len(memory))
			require.NoError(t, s.Download(got, out.Ptr))
			require.NoError(t, s.Synchronize())
			for i := range batch {
				checkInverse(t, c.n, all[i*c.n*c.n:], got[i*elem*c.n*c.n:], c.complex)
			}
			for _, m := range []*cuda.Mem{l, out, lAt, outAt, info} {
				require.NoError(t, m.Free())
			}
			return g.Free()
		}))
	}
}

// identities returns the memory of n×n identities.
func identities(n, batch, elem int) []byte {
	wide := elem / 8
	x := make([]float64, wide*n*n*batch)
	for m := range batch {
		for i := range n {
			x[wide*(m*n*n+i*(n+1))] = 1
		}
	}
	return raw(x)
}

func checkInverse(t *testing.T, n int, a []complex128, memory []byte, isComplex bool) {
	t.Helper()
	x := make([]complex128, n*n)
	if isComplex {
		copy(raw(x), memory)
	} else {
		parts := make([]float64, n*n)
		copy(raw(parts), memory)
		for i, v := range parts {
			x[i] = complex(v, 0)
		}
	}
	for i, v := range product(n, a[:n*n], x) {
		want := 0.0
		if i/n == i%n {
			want = 1
		}
		require.InDelta(t, want, real(v), 1e-12, "n %d, element %d", n, i)
		require.InDelta(t, 0, imag(v), 1e-12, "n %d, element %d", n, i)
	}
}

// TestAGreatBatchOfProductsIsSplit multiplies more pairs than a launch takes.
func TestAGreatBatchOfProductsIsSplit(t *testing.T) {
	fake.Use(t)
	const batch = 70000
	x := make([]float32, batch)
	for i := range x {
		x[i] = float32(i % 100)
	}
	require.NoError(t, on(t, 0, func(d *cuda.Device, s *cuda.Stream) error {
		b, err := d.BLAS()
		require.NoError(t, err)
		in, out := upload(t, d, s, x), upload(t, d, s, make([]float32, batch))
		require.NoError(t, b.Gemm(s, &launch.Gemm{M: 1, N: 1, K: 1, Alpha: 1, A: in.Ptr, LDA: 1, B: in.Ptr, LDB: 1,
			C: out.Ptr, LDC: 1, Batch: batch, StrideA: 1, StrideB: 1, StrideC: 1}))
		got := make([]float32, batch)
		require.NoError(t, s.Download(raw(got), out.Ptr))
		require.NoError(t, s.Synchronize())
		for i, v := range got {
			require.InDelta(t, x[i]*x[i], v, 0, "product %d", i)
		}
		require.NoError(t, in.Free())
		return out.Free()
	}))
}

// TestTF32IsForThoseWhoAsk switches it on and off, and refuses what cuBLAS refuses.
func TestTF32IsForThoseWhoAsk(t *testing.T) {
	c := fake.Use(t)
	require.NoError(t, on(t, 0, func(d *cuda.Device, _ *cuda.Stream) error {
		b, err := d.BLAS()
		require.NoError(t, err)
		require.NoError(t, b.TF32(true))
		if c != nil {
			c.Fail("cublasSetMathMode", 1, 1)
			require.ErrorContains(t, b.TF32(true), "cublasSetMathMode: CUBLAS_STATUS_INVALID_VALUE (7)")
		}
		return b.TF32(false)
	}))
}
