package train

import (
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/tell"
)

// A Syncer is a [Hook] that writes files of its own. Sync is called before a checkpoint is written, after the hook's
// Step: everything written until then must survive a loss of power, as the checkpoint does.
type Syncer interface {
	Sync() error
}

// A logFile is a file that a run appends to; a run that is resumed from a checkpoint continues it.
type logFile struct {
	path    string
	f       *os.File
	regular bool // it can be cut and synced
	old     bool // it was there
	begun   bool
	said    io.Writer // where a gap is told
	gap     string    // that is not yet told
}

// openLog opens the log at path, or makes it. Nothing is cut until begin.
func openLog(path string) (*logFile, error) {
	_, err := os.Stat(path)
	l := &logFile{path: path, old: err == nil}
	if l.f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
		return nil, errors.Wrap(err, "train: log")
	}
	info, err := l.f.Stat()
	l.regular = err == nil && info.Mode().IsRegular()
	return l, nil
}

// A keeper says how much of a log to keep when a run continues after a given step: the length in bytes of the lines
// of steps up to it, the last of these steps, and the number of steps between two lines. Errors: a text that is not a
// log.
type keeper func(text []byte, step int) (bytes, last, every int, err error)

// begin continues the log after a step, 0 for the beginning of a run: lines of later steps, which a run wrote after
// its last checkpoint, are cut off, as is everything after an incomplete line. Missing lines are reported.
func (l *logFile) begin(step int, keep keeper) error {
	l.begun = true
	if !l.regular {
		return nil
	}
	text, err := []byte(nil), error(nil)
	if step > 0 && l.old {
		if text, err = os.ReadFile(l.path); err != nil {
			return errors.Wrap(err, "log")
		}
	}
	bytes, last, every, err := keep(text, step)
	if err != nil {
		return errors.WithMessagef(err, "log %s", l.path)
	}
	if err := l.cut(int64(bytes)); err != nil {
		return err
	}
	if next := max(1, (last/every+1)*every); l.old && step >= next {
		l.gap = fmt.Sprintf(
			"train: log %s: it ends at step %d, and the run goes on after step %d: the lines between are lost\n",
			l.path, last, step)
	}
	return nil
}

// cut truncates the file to a length and continues after it.
func (l *logFile) cut(bytes int64) error {
	if err := l.f.Truncate(bytes); err != nil {
		return errors.Wrap(err, "log")
	}
	_, err := l.f.Seek(bytes, io.SeekStart)
	return errors.Wrap(err, "log")
}

// tellGap reports the missing lines, once.
func (l *logFile) tellGap() {
	if l.gap != "" {
		fmt.Fprint(tell.Writer{W: l.said}, l.gap)
		l.gap = ""
	}
}

// Write implements io.Writer. If the disk does not take all of it, nothing of it stays.
func (l *logFile) Write(b []byte) (int, error) {
	if l.f == nil {
		return 0, errors.Errorf("log %s: it is closed: a run that goes on needs a new one", l.path)
	}
	n, err := l.f.Write(b)
	if err != nil && n > 0 && l.regular {
		if end, e := l.f.Seek(0, io.SeekCurrent); e == nil && l.cut(end-int64(n)) == nil {
			n = 0
		}
	}
	return n, errors.Wrap(err, "log")
}

// Sync makes what was written last.
func (l *logFile) Sync() error {
	if l == nil || l.f == nil || !l.regular {
		return nil
	}
	return errors.Wrap(l.f.Sync(), "log")
}

// finish syncs and closes the file.
func (l *logFile) finish() error {
	if l == nil || l.f == nil {
		return nil
	}
	l.tellGap()
	err := l.Sync()
	if e := l.f.Close(); err == nil && !errors.Is(e, fs.ErrClosed) {
		err = errors.Wrap(e, "log")
	}
	l.f = nil
	return err
}

// reopen continues at the end of the file that has replaced this one.
func (l *logFile) reopen() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return errors.Wrap(err, "log")
	}
	err = l.f.Close()
	l.f = f
	return errors.Wrap(err, "log")
}

// readRows reads the rows of a CSV file.
func readRows(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "log")
	}
	defer f.Close() // only read
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	return rows, errors.Wrap(err, "log")
}
