// Package openblas opens OpenBLAS at run time, without cgo, so that its matrix
// products, and its LAPACK's symmetric eigenproblems, singular values and QR
// decompositions, can be used instead of those of this module: as a check, or to compare.
//
//	lib, err := openblas.Open("")
//	if err != nil {
//		return err
//	}
//	backend.Use(lib)
//
// Nothing is loaded before Open, and programs that do not import this package do
// not link with what it needs (a program that does is linked dynamically, with
// the C library of its system).
package openblas

import (
	stderrors "errors"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// ErrUnavailable reports that there is no OpenBLAS to open. Test for it with
// errors.Is.
var ErrUnavailable = stderrors.New("openblas: not available")

// names are where Open looks, in this order, by the rules of the system's loader.
var names = []string{
	"libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0", "libopenblas64.so.0",
	"libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
	"/usr/local/opt/openblas/lib/libopenblas.dylib",
}

// A Library is an open OpenBLAS. It implements backend.BLAS.
//
// Each product runs on the calling thread; dividing work among threads is up to the program that uses the Library. A
// Library may be used by several goroutines and stays open until the process ends.
type Library struct {
	path, config string
	sgemm, dgemm uintptr // of the Fortran interface
	single       lapack
	double       lapack
	requests     par.Cache[request]
}

// Open opens the library at path, or, if path is empty, the first one that the
// system's loader finds under the usual names.
//
// It limits OpenBLAS to one thread a product, in this process. Errors:
// ErrUnavailable with what was tried and what to do, where there is no library, or
// the file is not an OpenBLAS, or this platform cannot open one.
func Open(path string) (*Library, error) {
	if path != "" {
		return load(path)
	}
	var tried []string
	for _, name := range names {
		l, err := load(name)
		if err == nil {
			return l, nil
		}
		tried = append(tried, err.Error())
	}
	return nil, errors.Wrapf(ErrUnavailable,
		"install OpenBLAS (on Debian, libopenblas0-pthread) or give the path of its library; tried: %s",
		strings.Join(tried, "; "))
}

// Path returns the name or path that the library was opened by.
func (l *Library) Path() string {
	if l == nil {
		return ""
	}
	return l.path
}

// Config returns what the library says of itself: version, options, processor.
func (l *Library) Config() string {
	if l == nil {
		return ""
	}
	return l.config
}
