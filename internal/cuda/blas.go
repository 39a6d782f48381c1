package cuda

import (
	"unsafe"

	"github.com/pkg/errors"
)

// A BLAS is cuBLAS on a device. Matrices are column-major, as in Fortran: a
// row-major matrix is the transpose of a column-major one.
type BLAS struct {
	d      *Device
	handle uintptr
	stream uintptr // that the handle works in
	blasFunctions
	work    *Mem       // the library's scratch, so that it allocates none, which a captured stream forbids
	scalars [4]float64 // of the call in hand
	part    Gemm       // of a batch that is split
}

type blasFunctions struct {
	create, destroy, setStream, setMathMode, setWorkspace uintptr
	sgemm, dgemm, sgemmBatched, dgemmBatched              uintptr
	dsyrk                                                 uintptr
	dtrsm, dtrsmBatched, ztrsmBatched                     uintptr
}

// workspace is how many bytes cuBLAS is given, which is what its documentation
// advises for the device.
func (d *Device) workspace() int {
	if d.info.Compute[0] >= 9 {
		return 32 << 20
	}
	return 4 << 20
}

// BLAS returns cuBLAS, loaded at the first call. Errors: ErrUnavailable.
func (d *Device) BLAS() (*BLAS, error) {
	if err := d.within("BLAS"); err != nil {
		return nil, err
	}
	if d.blas != nil {
		return d.blas, nil
	}
	l, err := open("cuBLAS", "libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "libcublas.so")
	if err != nil {
		return nil, err
	}
	b := &BLAS{d: d}
	f := &b.blasFunctions
	err = l.resolve([]symbol{
		{"cublasCreate_v2", &f.create, false}, {"cublasDestroy_v2", &f.destroy, false},
		{"cublasSetStream_v2", &f.setStream, false}, {"cublasSetMathMode", &f.setMathMode, false},
		{"cublasSgemm_v2", &f.sgemm, false}, {"cublasDgemm_v2", &f.dgemm, false},
		{"cublasSgemmStridedBatched", &f.sgemmBatched, false}, {"cublasDgemmStridedBatched", &f.dgemmBatched, false},
		{"cublasSetWorkspace_v2", &f.setWorkspace, true}, {"cublasDsyrk_v2", &f.dsyrk, false},
		{"cublasDtrsm_v2", &f.dtrsm, false}, {"cublasDtrsmBatched", &f.dtrsmBatched, false},
		{"cublasZtrsmBatched", &f.ztrsmBatched, false},
	})
	if err != nil {
		return nil, err
	}
	if b.work, err = d.Alloc(d.workspace(), "the scratch of cuBLAS"); err != nil {
		return nil, err
	}
	d.live.Add(-1) // it is the device's own
	if err := checkStatus(blasStatus, "cublasCreate", d.call(b.create, uintptr(unsafe.Pointer(&b.handle))),
		"on device %d", d.info.Index); err != nil {
		if e := b.freeWork(); e != nil {
			return nil, errors.WithMessagef(err, "%v; and then", e)
		}
		return nil, err
	}
	d.blas = b
	return b, d.Synchronize() // what it copies may come by a stream for which ours does not wait
}

func (b *BLAS) freeWork() error {
	b.d.live.Add(1)
	return b.work.Free()
}

func (b *BLAS) close() error {
	if b == nil {
		return nil
	}
	err := checkStatus(blasStatus, "cublasDestroy", b.d.call(b.destroy, b.handle), "")
	if e := b.freeWork(); err == nil {
		err = e
	}
	return err
}

// TF32 lets products of float32 round their factors to 10 bits of mantissa, which
// is faster on devices that can, or forbids it, which is the default.
func (b *BLAS) TF32(on bool) error {
	if b == nil || b.d.none() {
		return missing("TF32")
	}
	mode := uintptr(0)
	if on {
		mode = 3 // CUBLAS_TF32_TENSOR_OP_MATH
	}
	return checkStatus(blasStatus, "cublasSetMathMode", b.d.call(b.setMathMode, b.handle, mode), "")
}

// in makes the handle work in s. Another stream takes the workspace away.
func (b *BLAS) in(s *Stream) error {
	if b == nil || b.d.none() || s.none() {
		return missing("a product")
	}
	s.Moved.Launches++
	if b.stream == s.handle {
		return nil
	}
	if err := checkStatus(blasStatus, "cublasSetStream", b.d.hot(b.setStream, b.handle, s.handle), ""); err != nil {
		return err
	}
	b.stream = s.handle
	if b.setWorkspace == 0 { // before CUDA 11.1
		return nil
	}
	return checkStatus(blasStatus, "cublasSetWorkspace", b.d.hot(b.setWorkspace, b.handle, uintptr(b.work.Ptr),
		uintptr(b.work.Size)), "%d bytes", b.work.Size)
}

// numbers returns the addresses of α and β, as floats or doubles.
func (b *BLAS) numbers(double bool, alpha, beta float64) (pa, pb uintptr) {
	if double {
		b.scalars = [4]float64{alpha, beta}
		return uintptr(unsafe.Pointer(&b.scalars[0])), uintptr(unsafe.Pointer(&b.scalars[1]))
	}
	x := (*[2]float32)(unsafe.Pointer(&b.scalars))
	x[0], x[1] = float32(alpha), float32(beta)
	return uintptr(unsafe.Pointer(&x[0])), uintptr(unsafe.Pointer(&x[1]))
}

func trans(t bool) uintptr {
	if t {
		return 1
	}
	return 0
}

// Gemm puts a product into s.
func (b *BLAS) Gemm(s *Stream, g *Gemm) error {
	if g == nil {
		return missing("Gemm")
	}
	if g.M == 0 || g.N == 0 {
		return nil
	}
	if err := b.in(s); err != nil {
		return err
	}
	pa, pb := b.numbers(g.Double, g.Alpha, g.Beta)
	// Row-major C is column-major Cᵀ = op(B)ᵀ op(A)ᵀ.
	if g.Batch > mostBatch {
		return b.split(s, g)
	}
	if g.Batch > 1 {
		f, name := b.sgemmBatched, "cublasSgemmStridedBatched"
		if g.Double {
			f, name = b.dgemmBatched, "cublasDgemmStridedBatched"
		}
		r := b.d.hot(f, b.handle, trans(g.TransB), trans(g.TransA), uintptr(g.N), uintptr(g.M), uintptr(g.K), pa,
			uintptr(g.B), uintptr(g.LDB), uintptr(g.StrideB), uintptr(g.A), uintptr(g.LDA), uintptr(g.StrideA), pb,
			uintptr(g.C), uintptr(g.LDC), uintptr(g.StrideC), uintptr(g.Batch))
		return gemmFailed(g, name, r)
	}
	f, name := b.sgemm, "cublasSgemm"
	if g.Double {
		f, name = b.dgemm, "cublasDgemm"
	}
	r := b.d.hot(f, b.handle, trans(g.TransB), trans(g.TransA), uintptr(g.N), uintptr(g.M), uintptr(g.K), pa,
		uintptr(g.B), uintptr(g.LDB), uintptr(g.A), uintptr(g.LDA), pb, uintptr(g.C), uintptr(g.LDC))
	return gemmFailed(g, name, r)
}

// mostBatch is how many products a launch has at most, the limit of a grid's depth.
const mostBatch = 65535

// split does the batch in parts.
func (b *BLAS) split(s *Stream, g *Gemm) error {
	elem := 4
	if g.Double {
		elem = 8
	}
	b.part = *g
	for left := g.Batch; left > 0; left -= b.part.Batch {
		b.part.Batch = min(left, mostBatch)
		if err := b.Gemm(s, &b.part); err != nil {
			return err
		}
		b.part.A += Ptr(elem * mostBatch * g.StrideA)
		b.part.B += Ptr(elem * mostBatch * g.StrideB)
		b.part.C += Ptr(elem * mostBatch * g.StrideC)
	}
	return nil
}

func gemmFailed(g *Gemm, name string, r uintptr) error {
	if int32(r) == 0 {
		return nil
	}
	return errors.WithStack(checkStatus(blasStatus, name, r, "m %d, n %d, k %d, lda %d, ldb %d, ldc %d, batch %d", g.M,
		g.N, g.K, g.LDA, g.LDB, g.LDC, max(g.Batch, 1)))
}

const upper = 1 // of a column-major matrix: the lower triangle of a row-major one

// Syrk puts it into s.
func (b *BLAS) Syrk(s *Stream, g *Syrk) error {
	if g == nil {
		return missing("Syrk")
	}
	if err := b.in(s); err != nil {
		return err
	}
	pa, pb := b.numbers(true, g.Alpha, g.Beta)
	r := b.d.hot(b.dsyrk, b.handle, upper, trans(g.Rows), uintptr(g.Size), uintptr(g.Depth), pa,
		uintptr(g.Z), uintptr(g.LDZ), pb, uintptr(g.G), uintptr(g.LDG))
	if int32(r) == 0 {
		return nil
	}
	return checkStatus(blasStatus, "cublasDsyrk", r, "n %d, k %d, lda %d, ldc %d", g.Size, g.Depth, g.LDZ, g.LDG)
}
