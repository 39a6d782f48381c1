package rundir

import (
	"bytes"
	"encoding/json"
	stderrors "errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/filelock"
)

// ErrLocked reports a folder that another run writes to. Test for it with errors.Is.
var ErrLocked = stderrors.New("locked")

// A holder says who holds a lock, in its file.
type holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
	Process string    `json:"process,omitempty"` // tells it from a later process of the same number
}

func (h holder) String() string {
	if h.PID == 0 {
		return "a process that has not said yet who it is"
	}
	return fmt.Sprintf("process %d on %s since %s (%s)", h.PID, h.Host, h.Since.Format("2006-01-02 15:04:05 MST"),
		h.Command)
}

// self returns this process as a holder.
func self() holder {
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	words := append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...)
	return holder{PID: os.Getpid(), Host: host, Command: strings.Join(words, " "),
		Since: time.Now().UTC().Truncate(time.Second), Process: process(os.Getpid())}
}

// A lock is one that is held.
type lock struct {
	path string
	f    *os.File // whose lock the operating system keeps; nil where it has none
	died string   // who held it before and died, "" if no one
}

// take takes the lock at path: by what try does with its file, or, where that has no
// locks, by making the file.
func take(path string, try func(*os.File) error) (l *lock, err error) {
	for l == nil && err == nil {
		l, err = tryOnce(path, try)
	}
	return l, err
}

// tryOnce is take, or returns nothing where the file was removed or moved on the way.
func tryOnce(path string, try func(*os.File) error) (*lock, error) {
	dir, err := os.OpenRoot(filepath.Dir(path)) // which its folder stays, whatever its name is
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer dir.Close()
	made := true
	f, err := dir.OpenFile(filepath.Base(path), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if os.IsExist(err) {
		made = false
		f, err = dir.OpenFile(filepath.Base(path), os.O_RDWR, 0)
		if os.IsNotExist(err) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, errors.WithStack(err)
	}
	switch err := try(f); {
	case err == filelock.ErrNever && made:
		return sign(f, path, false)
	case err == filelock.ErrNever:
		f.Close()
		return takeFile(path)
	case err == filelock.ErrHeld:
		defer f.Close()
		return nil, errors.Wrapf(ErrLocked, "%s writes to it", read(f))
	case err != nil:
		f.Close()
		return nil, errors.Wrap(err, "lock")
	}
	if filelock.IsAt(f, os.Stat, path) {
		return sign(f, path, true)
	}
	if made && filelock.IsAt(f, dir.Stat, filepath.Base(path)) { // in a folder that was moved meanwhile
		err = dir.Remove(filepath.Base(path))
	}
	f.Close()
	return nil, errors.Wrap(err, "lock")
}

// sign writes the holder of the lock into its file, which is kept open if the open file is the lock.
func sign(f *os.File, path string, kept bool) (*lock, error) {
	l := &lock{path: path, f: f}
	if before := read(f); before.PID != 0 {
		l.died = before.String()
	}
	text, err := json.Marshal(self())
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(append(text, '\n'), 0)
	}
	if err != nil || !kept {
		l.f = nil
		if e := f.Close(); err == nil {
			err = e
		}
	}
	return l, errors.Wrap(err, "lock")
}

// read returns the holder that a file names, or none.
func read(r io.ReaderAt) (h holder) {
	text, err := io.ReadAll(io.NewSectionReader(r, 0, 1<<16))
	if err != nil || json.Unmarshal(text, &h) != nil {
		return holder{}
	}
	return h
}

// release removes the file and then releases the lock, in this order where the system allows it: a process that was
// waiting for the lock of the removed file then tries again.
func (l *lock) release() error {
	if l.f == nil {
		return errors.Wrap(os.Remove(l.path), "lock")
	}
	if filelock.RemovesOpen {
		err := os.Remove(l.path)
		if e := l.f.Close(); err == nil {
			err = e
		}
		return errors.Wrap(err, "lock")
	}
	err := l.f.Close()
	_ = os.Remove(l.path) // which fails where the next run has it open
	return errors.Wrap(err, "lock")
}

// move renames the folder of the lock. Where a folder with an open file cannot be
// renamed, the lock is given up on the way: another run that came then has the file
// open, and the renaming fails.
func (l *lock) move(from, to string) error {
	if !filelock.RemovesOpen && l.f != nil {
		if err := l.f.Close(); err != nil {
			return err
		}
		l.f = nil
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	l.path = filepath.Join(to, filepath.Base(l.path))
	return nil
}

// takeFile takes a lock that is nothing but the file at path.
func takeFile(path string) (*lock, error) {
	died := ""
	for range 100 {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			l, err := sign(f, path, false)
			l.died = died
			return l, err
		}
		if !os.IsExist(err) {
			return nil, errors.WithStack(err)
		}
		if died, err = bury(path); err != nil {
			return nil, err
		}
	}
	return nil, errors.Wrapf(ErrLocked, "others keep taking %s", path)
}

// bury removes the lock file of a dead holder, and returns who the holder was. An empty file belongs to a process
// that is just starting, or that died while starting.
func bury(path string) (died string, err error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return "", nil
	}
	if err != nil {
		return "", errors.Wrap(err, "lock")
	}
	h := read(bytes.NewReader(text))
	info, err := os.Stat(path)
	fresh := err == nil && time.Since(info.ModTime()) < 10*time.Second
	if h.PID == 0 && fresh || h.PID != 0 && h.alive() {
		return "", errors.Wrapf(ErrLocked, "%s writes to it; if that run is over, remove %s", h, path)
	}
	// Another process may have removed it too, and have taken the lock since.
	grave := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.Rename(path, grave); err != nil {
		return "", nil
	}
	if now, err := os.ReadFile(grave); err == nil && !bytes.Equal(now, text) {
		if err := os.Rename(grave, path); err != nil {
			return "", errors.Wrap(err, "lock")
		}
		return "", errors.Wrapf(ErrLocked, "%s writes to it", read(bytes.NewReader(now)))
	}
	return h.String(), errors.Wrap(os.Remove(grave), "lock")
}
