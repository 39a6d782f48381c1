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

// A Syncer is a Hook that keeps files of its own. Sync is called before a checkpoint is
// written, after the hook was shown the step: what it wrote until then must outlast a
// loss of power, as the checkpoint does.
type Syncer interface {
	Sync() error
}

// A logFile is a file that a run appends to, and a run that goes on from a checkpoint
// goes on in.
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

// A keeper says how much of a log's text is to be kept of a run that goes on after a
// step: the bytes that are lines of steps up to it, the last of these steps, and how
// many steps lie between two lines. Errors: a text that is no log.
type keeper func(text []byte, step int) (bytes, last, every int, err error)

// begin makes the log go on after a step, 0 for a run's beginning: what is of later
// steps, which a run wrote after its last checkpoint, is cut off, and so is what follows
// a line that is not whole. Lines that are missing are told.
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

// cut leaves so many bytes, and goes on after them.
func (l *logFile) cut(bytes int64) error {
	if err := l.f.Truncate(bytes); err != nil {
		return errors.Wrap(err, "log")
	}
	_, err := l.f.Seek(bytes, io.SeekStart)
	return errors.Wrap(err, "log")
}

// tellGap tells what is missing, once.
func (l *logFile) tellGap() {
	if l.gap != "" {
		fmt.Fprint(tell.Writer{W: l.said}, l.gap)
		l.gap = ""
	}
}

// Write implements io.Writer. Of what the disk does not take as a whole nothing stays.
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

// reopen goes on at the end of the file that has taken the place of this one.
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
