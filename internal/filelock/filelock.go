// Package filelock locks open files for this process: by flock, or LockFileEx on
// Windows. The operating system takes the lock back when the file is closed or the
// process ends, however that is.
package filelock

import (
	stderrors "errors"
	"os"
)

var (
	// ErrHeld reports a file that another process, or another open file, has locked.
	ErrHeld = stderrors.New("held")

	// ErrNever reports a system, or a file system, that has no locks of files.
	ErrNever = stderrors.New("no locks of files")
)

// IsAt reports whether f is the file that stat finds at path: a process that waited for a lock may have got the lock
// of a file that has been moved or removed meanwhile.
func IsAt(f *os.File, stat func(string) (os.FileInfo, error), path string) bool {
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := stat(path)
	return err == nil && os.SameFile(ours, there)
}
