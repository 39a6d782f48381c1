package filelock

import (
	"os"

	"golang.org/x/sys/windows"
)

// RemovesOpen says that a file that is open can be removed, and its folder renamed.
const RemovesOpen = false

// Try locks f for as long as it is open, or reports ErrHeld or ErrNever. What is
// locked is a byte far behind those that are there, which others may then read.
func Try(f *os.File) error {
	at := &windows.Overlapped{Offset: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, at)
	switch err {
	case windows.ERROR_LOCK_VIOLATION, windows.ERROR_IO_PENDING:
		return ErrHeld
	case windows.ERROR_NOT_SUPPORTED, windows.ERROR_INVALID_FUNCTION, windows.ERROR_CALL_NOT_IMPLEMENTED:
		return ErrNever
	}
	return err
}
