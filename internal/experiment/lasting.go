package experiment

import (
	"io"
	"sync"
)

// A lasting writer writes to a terminal, a pipe or a file and ignores errors: a run does not end because its output
// cannot be written.
type lasting struct {
	w   io.Writer
	mu  sync.Mutex
	err error // the first
}

// Write implements io.Writer. It never fails.
func (l *lasting) Write(b []byte) (int, error) {
	if _, err := l.w.Write(b); err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.err == nil {
			l.err = err
		}
	}
	return len(b), nil
}

// failed returns the first error, nil if there was none.
func (l *lasting) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
