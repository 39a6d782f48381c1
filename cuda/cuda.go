// Package cuda says whether whole training steps can run on a CUDA GPU.
//
// They cannot yet: this version computes on the CPU, with or without the build
// tag whitebox_cuda. See docs/adr/0006-cuda-tag.md for what is planned.
package cuda

import (
	stderrors "errors"

	"github.com/pkg/errors"
)

// ErrUnavailable reports that there is no GPU to compute on. Test for it with
// errors.Is.
var ErrUnavailable = stderrors.New("cuda: not available")

// Available reports whether there is a GPU to compute on. See Check for why not.
func Available() bool { return Check() == nil }

// Check returns nil where there is a GPU to compute on, else ErrUnavailable with
// what is missing.
func Check() error {
	return errors.Wrap(ErrUnavailable, "this version of whitebox computes on the CPU only")
}
