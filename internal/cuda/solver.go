package cuda

import (
	"unsafe"

	"github.com/pkg/errors"
)

// A Solver is cuSOLVER's dense part on a device, for symmetric positive definite
// matrices of float64, or Hermitian ones of complex128, in the lower triangle of
// row-major memory.
type Solver struct {
	d              *Device
	handle, stream uintptr
	solverFunctions
}

type solverFunctions struct {
	create, destroy, setStream         uintptr
	potrf, potrfSize, potri, potriSize uintptr
	potrfBatched, zpotrfBatched        uintptr
}

// Solver returns cuSOLVER, loaded at the first call. Errors: ErrUnavailable.
func (d *Device) Solver() (*Solver, error) {
	if err := d.within("Solver"); err != nil {
		return nil, err
	}
	if d.solver != nil {
		return d.solver, nil
	}
	if _, err := d.BLAS(); err != nil { // cuSOLVER calls it
		return nil, err
	}
	l, err := open("cuSOLVER", "libcusolver.so.12", "libcusolver.so.11", "libcusolver.so.10", "libcusolver.so")
	if err != nil {
		return nil, err
	}
	v := &Solver{d: d}
	f := &v.solverFunctions
	err = l.resolve([]symbol{
		{"cusolverDnCreate", &f.create, false}, {"cusolverDnDestroy", &f.destroy, false},
		{"cusolverDnSetStream", &f.setStream, false},
		{"cusolverDnDpotrf", &f.potrf, false}, {"cusolverDnDpotrf_bufferSize", &f.potrfSize, false},
		{"cusolverDnDpotri", &f.potri, false}, {"cusolverDnDpotri_bufferSize", &f.potriSize, false},
		{"cusolverDnDpotrfBatched", &f.potrfBatched, false}, {"cusolverDnZpotrfBatched", &f.zpotrfBatched, false},
	})
	if err != nil {
		return nil, err
	}
	if err := checkStatus(solverStatus, "cusolverDnCreate", d.call(v.create, uintptr(unsafe.Pointer(&v.handle))),
		"on device %d", d.info.Index); err != nil {
		return nil, err
	}
	d.solver = v
	return v, d.Synchronize() // as cuBLAS
}

func (v *Solver) close() error {
	if v == nil {
		return nil
	}
	return checkStatus(solverStatus, "cusolverDnDestroy", v.d.call(v.destroy, v.handle), "")
}

func (v *Solver) in(s *Stream) error {
	if v == nil || v.d.none() || s.none() {
		return missing("a factorization")
	}
	s.Moved.Launches++
	if v.stream == s.handle {
		return nil
	}
	if err := checkStatus(solverStatus, "cusolverDnSetStream", v.d.hot(v.setStream, v.handle, s.handle),
		""); err != nil {
		return err
	}
	v.stream = s.handle
	return nil
}

// CholeskyWork returns how many float64 of scratch Cholesky and Inverse need for
// a matrix of side n.
func (v *Solver) CholeskyWork(n, lda int) (int, error) {
	if v == nil || v.d.none() || v.d.blas == nil {
		return 0, missing("CholeskyWork")
	}
	most, a := 0, v.d.blas.work.Ptr // an address that is not nil and is not read
	for _, f := range []struct {
		name string
		at   uintptr
	}{{"cusolverDnDpotrf_bufferSize", v.potrfSize}, {"cusolverDnDpotri_bufferSize", v.potriSize}} {
		size := new(int32)
		err := checkStatus(solverStatus, f.name, v.d.call(f.at, v.handle, upper, uintptr(n), uintptr(a), uintptr(lda),
			uintptr(unsafe.Pointer(size))), "n %d, lda %d", n, lda)
		if err != nil {
			return 0, err
		}
		most = max(most, int(*size))
	}
	return most, nil
}

// Cholesky overwrites A, n×n, by its factor L. It stores at info an int: 0, or
// which pivot is not positive, counting from 1.
func (v *Solver) Cholesky(s *Stream, n int, a Ptr, lda int, work Ptr, room int, info Ptr) error {
	if v == nil {
		return missing("Cholesky")
	}
	return v.run(s, v.potrf, "cusolverDnDpotrf", n, a, lda, work, room, info)
}

// Inverse overwrites L, a factor, by the lower triangle of (LLᵀ)⁻¹.
func (v *Solver) Inverse(s *Stream, n int, l Ptr, ldl int, work Ptr, room int, info Ptr) error {
	if v == nil {
		return missing("Inverse")
	}
	return v.run(s, v.potri, "cusolverDnDpotri", n, l, ldl, work, room, info)
}

func (v *Solver) run(s *Stream, f uintptr, name string, n int, a Ptr, lda int, work Ptr, room int, info Ptr) error {
	if err := v.in(s); err != nil {
		return err
	}
	r := v.d.hot(f, v.handle, upper, uintptr(n), uintptr(a), uintptr(lda), uintptr(work), uintptr(room), uintptr(info))
	if int32(r) == 0 {
		return nil
	}
	return errors.WithStack(checkStatus(solverStatus, name, r, "n %d, lda %d, scratch %d", n, lda, room))
}

// A CholeskyBatch is Cholesky of many matrices, N×N each, of complex128 if Complex.
// The other triangle of each is spoilt.
type CholeskyBatch struct {
	Complex bool
	N       int
	At      Ptr // their addresses, an array on the device
	Info    Ptr // an int of each
	Batch   int
}

// CholeskyBatch puts the factorizations into s.
func (v *Solver) CholeskyBatch(s *Stream, x *CholeskyBatch) error {
	if v == nil || x == nil {
		return missing("CholeskyBatch")
	}
	if err := v.in(s); err != nil {
		return err
	}
	f, name := v.potrfBatched, "cusolverDnDpotrfBatched"
	if x.Complex {
		f, name = v.zpotrfBatched, "cusolverDnZpotrfBatched"
	}
	r := v.d.hot(f, v.handle, upper, uintptr(x.N), uintptr(x.At), uintptr(x.N), uintptr(x.Info), uintptr(x.Batch))
	if int32(r) == 0 {
		return nil
	}
	return checkStatus(solverStatus, name, r, "n %d, batch %d", x.N, x.Batch)
}
