//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package data

import "os"

// lock takes no lock: a file that is open cannot be moved on some of these systems,
// and a checksum is compared on all of them.
func lock(*os.File) (held bool, err error) { return true, nil }
