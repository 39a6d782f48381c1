package cuda

import "unsafe"

// An Inverse is the inverses of matrices that are given by their Cholesky factors,
// (LLᵀ)⁻¹ or, if Complex, (LLᴴ)⁻¹ of complex128, N×N each, one after the other: L
// in the lower triangles of row-major memory, the result in all of both.
type Inverse struct {
	Complex bool
	N       int
	L, Out  Ptr // the factors, and identities, which the inverses overwrite
	LAt     Ptr // the addresses of each of these, an array on the device
	OutAt   Ptr
	Batch   int
}

// mostBatched is up to what side a batch of triangular systems is solved at once.
// That is made for small systems, as its documentation says; for large ones cuBLAS
// has its fast kernels in the call for one.
const mostBatched = 128

// Invert puts the inverses into s, each by two triangular systems.
func (b *BLAS) Invert(s *Stream, x *Inverse) error {
	if b == nil || b.d.none() || x == nil {
		return missing("Invert")
	}
	if !x.Complex && x.N > mostBatched {
		return b.invertEach(s, x)
	}
	f, name := b.dtrsmBatched, "cublasDtrsmBatched"
	if x.Complex {
		f, name = b.ztrsmBatched, "cublasZtrsmBatched"
	}
	// Row-major L is column-major U = Lᵀ, of Uᵀ U: first with its transpose, which
	// for complex numbers is the conjugate one.
	adjoint := trans(true)
	if x.Complex {
		adjoint = 2
	}
	for _, op := range [2]uintptr{adjoint, 0} {
		if err := b.in(s); err != nil {
			return err
		}
		r := b.d.hot(f, b.handle, 0, upper, op, 0, uintptr(x.N), uintptr(x.N), b.one(), uintptr(x.LAt), uintptr(x.N),
			uintptr(x.OutAt), uintptr(x.N), uintptr(x.Batch))
		if err := x.failed(name, r); err != nil {
			return err
		}
	}
	return nil
}

func (b *BLAS) invertEach(s *Stream, x *Inverse) error {
	for i := range x.Batch {
		at := Ptr(8 * x.N * x.N * i)
		for _, op := range [2]uintptr{trans(true), 0} {
			if err := b.in(s); err != nil {
				return err
			}
			r := b.d.hot(b.dtrsm, b.handle, 0, upper, op, 0, uintptr(x.N), uintptr(x.N), b.one(), uintptr(x.L+at),
				uintptr(x.N), uintptr(x.Out+at), uintptr(x.N))
			if err := x.failed("cublasDtrsm", r); err != nil {
				return err
			}
		}
	}
	return nil
}

// one returns the address of 1, as a double or as a complex number.
func (b *BLAS) one() uintptr {
	b.scalars = [4]float64{1, 0}
	return uintptr(unsafe.Pointer(&b.scalars[0]))
}

func (x *Inverse) failed(name string, r uintptr) error {
	if int32(r) == 0 {
		return nil
	}
	return checkStatus(blasStatus, name, r, "n %d, batch %d", x.N, x.Batch)
}
