//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package rundir

import (
	stderrors "errors"
	"os"
	"syscall"
)

// removesOpen says that a file that is open can be removed, and its folder renamed.
const removesOpen = true

// flock locks f for as long as it is open, or reports errHeld or errNever.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EWOULDBLOCK:
			return errHeld
		case stderrors.Is(err, stderrors.ErrUnsupported), err == syscall.ENOLCK, err == syscall.EINVAL:
			return errNever
		}
		return err
	}
}
