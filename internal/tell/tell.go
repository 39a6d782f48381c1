// Package tell writes what a program says while it works, which it may lose.
package tell

import (
	"io"
	"os"
	"os/signal"
	"reflect"
	"syscall"
)

// To returns where to write what is said: w, or os.Stderr if that is nil.
func To(w io.Writer) io.Writer {
	if w == nil {
		return os.Stderr
	}
	if v := reflect.ValueOf(w); v.Kind() == reflect.Pointer && v.IsNil() {
		return os.Stderr
	}
	return w
}

// A Writer writes to W, or to os.Stderr if that is nil. What cannot be written is lost:
// no work ends for a full disk under its messages, or for a reader that has gone, as in
// "2>&1 | head -1".
type Writer struct{ W io.Writer }

// Write implements io.Writer. It never fails.
func (t Writer) Write(b []byte) (int, error) {
	w := To(t.W)
	if _, file := w.(*os.File); file {
		// A write to a pipe without a reader ends the process if the pipe is its standard
		// output or error, unless someone wants to know.
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGPIPE)
		defer signal.Stop(c)
	}
	w.Write(b)
	return len(b), nil
}
