//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package data

import (
	stderrors "errors"
	"os"
	"syscall"
)

// lock takes the lock of an open file, which ends with the file or the process, and
// reports whether no other has it. File systems that know no locks give it to all.
func lock(f *os.File) (held bool, err error) {
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case err == nil, stderrors.Is(err, stderrors.ErrUnsupported), err == syscall.ENOLCK:
		return true, nil
	case err == syscall.EWOULDBLOCK, err == syscall.EINTR:
		return false, nil
	default:
		return false, err
	}
}
