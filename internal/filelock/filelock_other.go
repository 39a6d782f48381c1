//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package filelock

import "os"

// RemovesOpen says that a file that is open can be removed, and its folder renamed.
const RemovesOpen = true

// Try reports ErrNever: there are no locks of files.
func Try(*os.File) error { return ErrNever }
