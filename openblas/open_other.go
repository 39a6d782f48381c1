//go:build !((darwin || freebsd || linux) && (amd64 || arm64))

package openblas

import (
	"runtime"

	"github.com/pkg/errors"
)

// load reports that it cannot.
func load(path string) (*Library, error) {
	return nil, errors.Wrapf(ErrUnavailable, "%s: no library can be opened at run time on %s/%s", path, runtime.GOOS,
		runtime.GOARCH)
}

// call is never reached, for there is no Library.
func (q *request) call(f uintptr) {}

func (q *command) call(f uintptr) {}
