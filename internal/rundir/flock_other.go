//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package rundir

import "os"

// removesOpen says that a file that is open can be removed, and its folder renamed.
const removesOpen = true

// flock reports errNever: there are no locks of files.
func flock(*os.File) error { return errNever }
