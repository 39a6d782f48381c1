package rundir

import (
	"os"

	"golang.org/x/sys/windows"
)

// removesOpen says that a file that is open can be removed, and its folder renamed.
const removesOpen = false

// flock locks f for as long as it is open, or reports errHeld or errNever. What is
// locked is a byte far behind those that are there, which others may then read.
func flock(f *os.File) error {
	at := &windows.Overlapped{Offset: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	switch err {
	case windows.ERROR_LOCK_VIOLATION, windows.ERROR_IO_PENDING:
		return errHeld
	case windows.ERROR_NOT_SUPPORTED, windows.ERROR_INVALID_FUNCTION, windows.ERROR_CALL_NOT_IMPLEMENTED:
		return errNever
	}
	return err
}
