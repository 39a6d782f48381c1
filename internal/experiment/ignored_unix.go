//go:build unix

package experiment

import (
	"os"
	"os/signal"
	"syscall"
)

// ignoreFailedWrites takes the signals that would end the process where a write fails: SIGPIPE, when the reader of
// the output has gone, and SIGXFSZ, when a file would become larger than the process may make it. The write then
// returns an error. The signals are caught rather than ignored, because a package that catches one for a while, as
// package tell does, would end the ignoring.
func ignoreFailedWrites() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGXFSZ) }
