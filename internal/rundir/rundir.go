// Package rundir is the folder that a run writes to: one writer at a time, and
// nothing of an older run taken over or lost.
//
// # Method
//
// A run holds a lock on the file run.lock of its folder as long as it runs. The file says who holds the lock and
// since when. The lock is the operating system's (flock, or LockFileEx on Windows), which is released when its holder
// ends, in whatever way: the folder of a dead run can be taken over. On a file system without such locks the
// existence of the file is the lock, and its holder counts as dead if no process with its number runs on its machine,
// or only a younger one.
//
// A new run in the folder of an older one first moves that folder to NAME.1, NAME.2, …, with the lowest number that
// is free. The lock is held meanwhile, so that no other process starts there in between. Temporary files that dead
// runs have left are removed: see package atomicfile.
package rundir

import (
	stderrors "errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
	"github.com/whitebox-nn/whitebox/internal/filelock"
)

// LockName is the name of the lock in the folder of a run.
const LockName = "run.lock"

// A Folder is the folder of a run that this process alone writes to.
type Folder struct {
	path string // without symbolic links
	made bool   // by this process
	lock *lock
}

// Open makes the folder at path, if it is not there, and locks it. That needs what a
// run needs of a folder, so that one in which nothing can be written is found here.
// A symbolic link is followed.
//
// Errors: ErrLocked if another process holds it, which says who; the file system's.
func Open(path string) (*Folder, error) {
	at, err := filepath.Abs(path)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(at), 0o777)
	}
	if err != nil {
		return nil, errors.Wrapf(err, "rundir: %s", path)
	}
	if real, err := filepath.EvalSymlinks(at); err == nil { // else it is not there
		at = real
	}
	f := &Folder{path: at}
	return f, errors.WithMessagef(f.enter(), "rundir: %s", path)
}

// enter makes the folder, if it is not there, and locks it. A run that has written
// nothing removes its folder, and may do so between the two.
func (f *Folder) enter() error {
	for try := 0; ; try++ {
		err := os.Mkdir(f.path, 0o777)
		f.made = err == nil
		if err != nil && !stderrors.Is(err, fs.ErrExist) {
			return errors.WithStack(err)
		}
		l, err := take(filepath.Join(f.path, LockName), filelock.Try)
		if err == nil {
			f.lock = l
			return nil
		}
		if try == 100 || !stderrors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}

// Path returns the absolute path of the folder, without symbolic links.
func (f *Folder) Path() string { return f.path }

// Died returns who held the lock before and died without releasing it, "" if no one.
func (f *Folder) Died() string { return f.lock.died }

// Close gives the lock back, and removes the folder if Open has made it and nothing
// was written to it.
func (f *Folder) Close() error {
	err := errors.WithMessage(f.lock.release(), "rundir")
	if f.made {
		_ = os.Remove(f.path) // which fails where something is in it, as it should
	}
	return err
}

// Sweep removes the temporary files that dead writers have left in the folder and in
// the folders in it.
func (f *Folder) Sweep() error {
	dirs := []string{f.path}
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return errors.Wrap(err, "rundir")
	}
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, filepath.Join(f.path, e.Name()))
		}
	}
	for _, dir := range dirs {
		if err := atomicfile.Sweep(dir); err != nil {
			return errors.WithMessage(err, "rundir")
		}
	}
	return nil
}

// Has reports whether the folder holds the file.
func (f *Folder) Has(name string) bool {
	_, err := os.Lstat(filepath.Join(f.path, name))
	return err == nil
}

// Empty reports whether there is nothing in the folder but the lock and those files.
func (f *Folder) Empty(but ...string) (bool, error) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return false, errors.Wrap(err, "rundir")
	}
	return !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() != LockName &&
			!slices.Contains(but, e.Name())
	}), nil
}

// SetAside moves the folder to the first of NAME.1, NAME.2, … that is free, makes and
// locks a new one in its place, and returns where the old one is. Everything that was
// in it is there.
//
// Errors: a folder that this process works in, whose relative paths would go with it;
// the file system's, as of a mount point. Nothing has moved then.
func (f *Folder) SetAside() (to string, err error) {
	if inside, err := holdsWorkingDirectory(f.path); err != nil {
		return "", errors.Wrap(err, "rundir")
	} else if inside {
		return "", errors.Errorf("rundir: %s holds an older run and is where this process works, so that it cannot "+
			"be moved: choose another folder", f.path)
	}
	to = f.free()
	if err := f.lock.move(f.path, to); err != nil {
		return "", errors.Wrapf(err, "rundir: %s holds an older run, which cannot be moved: choose another folder",
			f.path)
	}
	old := *f.lock
	if err := f.enter(); err != nil { // ErrLocked: another run has just come
		f.made = false
		return to, errors.WithMessagef(err, "rundir: %s", f.path)
	}
	if err := old.release(); err != nil {
		return to, errors.WithMessage(err, "rundir")
	}
	if empty, err := f.Empty(); err != nil || empty {
		return to, err
	}
	return f.SetAside() // of a run that came and went on the way
}

// free returns the first of NAME.1, NAME.2, … that is not there.
func (f *Folder) free() string {
	for i := 1; ; i++ {
		to := f.path + "." + strconv.Itoa(i)
		if _, err := os.Lstat(to); stderrors.Is(err, fs.ErrNotExist) {
			return to
		}
	}
}

// holdsWorkingDirectory reports whether dir is the working directory or above it.
func holdsWorkingDirectory(dir string) (bool, error) {
	at, err := os.Getwd()
	if err != nil {
		return false, err
	}
	of, err := os.Stat(dir)
	if err != nil {
		return false, err
	}
	for {
		here, err := os.Stat(at)
		if err != nil || os.SameFile(here, of) {
			return err == nil, err
		}
		up := filepath.Dir(at)
		if up == at {
			return false, nil
		}
		at = up
	}
}
