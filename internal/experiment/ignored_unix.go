//go:build unix

package experiment

import (
	"os"
	"os/signal"
	"syscall"
)

// ignoreFailedWrites takes the signals that would end the process where a write fails:
// what reads the output has gone; a file is larger than the process may make it. The
// write says so itself. They are caught and not ignored: who catches one for a moment,
// as package tell does, would end that.
func ignoreFailedWrites() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGXFSZ) }
