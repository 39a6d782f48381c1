//go:build !whitebox_cuda || !linux || !(amd64 || arm64)

package cuda

import (
	"runtime"

	"github.com/pkg/errors"
)

// A library is never there in this build.
type library struct{ file string }

// open says why.
func open(string, ...string) (library, error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return library{}, errors.Wrapf(ErrUnavailable,
			"whitebox computes on GPUs on Linux with amd64 or arm64 only, this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return library{},
		errors.Wrap(ErrUnavailable, "this binary computes on the CPU only: build it with -tags whitebox_cuda")
}

func (library) resolve([]symbol) error { return nil }

// A caller is never asked, for open returns an error.
type caller struct{}

func (*caller) hot(uintptr, ...uintptr) uintptr { return 999 }

//go:uintptrescapes
func (*caller) call(uintptr, ...uintptr) uintptr { return 999 }
