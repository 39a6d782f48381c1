//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filelock

import (
	stderrors "errors"
	"os"
	"syscall"
)

// RemovesOpen says that a file that is open can be removed, and its folder renamed.
const RemovesOpen = true

// Try locks f for as long as it is open, or reports ErrHeld or ErrNever.
func Try(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EWOULDBLOCK:
			return ErrHeld
		case stderrors.Is(err, stderrors.ErrUnsupported), err == syscall.ENOLCK, err == syscall.EINVAL:
			return ErrNever
		}
		return err
	}
}
