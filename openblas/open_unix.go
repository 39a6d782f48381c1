//go:build (darwin || freebsd || linux) && (amd64 || arm64)

package openblas

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/pkg/errors"
)

// load opens one library and looks up what is used of it.
func load(path string) (*Library, error) {
	lib, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, errors.Wrapf(ErrUnavailable, "%v", err)
	}
	symbol := func(names ...string) uintptr {
		for _, name := range names {
			if at, err := purego.Dlsym(lib, name); err == nil && at != 0 {
				return at
			}
		}
		return 0
	}
	l := &Library{path: path, sgemm: symbol("sgemm_", "sgemm_64_"), dgemm: symbol("dgemm_", "dgemm_64_")}
	config := symbol("openblas_get_config", "openblas_get_config64_")
	threads := symbol("openblas_set_num_threads", "openblas_set_num_threads64_")
	if l.sgemm == 0 || l.dgemm == 0 || config == 0 || threads == 0 {
		return nil, errors.Wrapf(ErrUnavailable,
			"%s is not an OpenBLAS: it lacks sgemm_, dgemm_, openblas_get_config or openblas_set_num_threads", path)
	}
	text, _, _ := purego.SyscallN(config)
	l.config = goString(text)
	purego.SyscallN(threads, 1)
	l.single = lapack{symbol("ssyevd_", "ssyevd_64_"), symbol("sgesdd_", "sgesdd_64_"), symbol("sgeqrf_", "sgeqrf_64_")}
	l.double = lapack{symbol("dsyevd_", "dsyevd_64_"), symbol("dgesdd_", "dgesdd_64_"), symbol("dgeqrf_", "dgeqrf_64_")}
	return l, nil
}

// goString copies the C string at p.
func goString(p uintptr) string {
	if p == 0 {
		return ""
	}
	at := *(**byte)(unsafe.Pointer(&p)) // memory of C, which no collector moves
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(at), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(at, n))
}

// call runs the routine of LAPACK at f.
func (q *command) call(f uintptr) {
	purego.SyscallN(f, q.args[:]...)
	runtime.KeepAlive(q)
}

// call runs the routine at f on C = α op(A) op(B) + β C.
//
// Fortran passes all by address and stores by columns: it is asked for
// Cᵀ = α op(B)ᵀ op(A)ᵀ + β Cᵀ. The numbers are 64 bits wide; a library with
// 32-bit integers reads their first half, which on these processors is the value.
func (q *request) call(f uintptr) {
	at := func(p *int64) uintptr { return uintptr(unsafe.Pointer(p)) }
	q.args = [...]uintptr{
		uintptr(unsafe.Pointer(&q.transB)), uintptr(unsafe.Pointer(&q.transA)), at(&q.n), at(&q.m), at(&q.k),
		uintptr(q.alpha), uintptr(q.b), at(&q.ldb), uintptr(q.a), at(&q.lda), uintptr(q.beta), uintptr(q.c), at(&q.ldc),
		1, 1, // the lengths of the two letters
	}
	purego.SyscallN(f, q.args[:]...)
	runtime.KeepAlive(q)
}
