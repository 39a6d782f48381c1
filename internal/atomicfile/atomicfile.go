// Package atomicfile writes files that appear whole or not at all.
//
// # Method
//
// The bytes go to a new file in the same directory, named .NAME.*.part, which is synced and renamed to its place;
// then the directory is synced. POSIX makes the rename atomic for all readers, and the two syncs make it survive a
// loss of power. A process that is killed in between leaves such a .part file behind, which is never read; see
// [Sweep].
//
// # References
//
// Pillai et al. All File Systems Are Not Created Equal: On the Complexity of
// Crafting Crash-Consistent Applications. OSDI 2014, § 2.
package atomicfile

import (
	"bufio"
	"crypto/rand"
	stderrors "errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pkg/errors"
)

// Write replaces the file at path by what fill writes, or creates it.
//
// A process killed at any moment leaves the old file or the new one, whole. If
// fill fails or panics, or the disk fails, path is as it was. A file that is
// replaced keeps its permissions; a new one gets those of the process's umask. A
// symbolic link at path is replaced, not followed.
//
// Errors: fill's own; the file system's. Of these, one of syncing the directory
// comes after the new file has taken its place.
func Write(path string, fill func(w io.Writer) error) error {
	return errors.WithMessagef(write(path, fill, create, (*os.File).Sync), "atomicfile: write %s", path)
}

// A file is what write needs of *os.File.
type file interface {
	io.WriteCloser
	Name() string
	Chmod(fs.FileMode) error
	Sync() error
}

// create returns a new file for what will be at path.
func create(path string) (file, error) {
	dir, base := filepath.Split(path)
	f, err := os.OpenFile(filepath.Join(dir, "."+base+"."+rand.Text()+".part"), os.O_WRONLY|os.O_CREATE|os.O_EXCL,
		0o666)
	return f, errors.WithStack(err)
}

// write is Write with the temporary file from create, and with sync for the
// directory.
func write(
	path string, fill func(io.Writer) error, create func(path string) (file, error), sync func(dir *os.File) error,
) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		if !renamed { // best effort: the error that led here is the one to tell
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := fillAndClose(f, path, fill); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.WithStack(err)
	}
	renamed = true
	return syncDir(filepath.Dir(path), sync)
}

// fillAndClose gives f the permissions of the file at path, if there is one, and
// the bytes of fill, and brings them to the disk.
func fillAndClose(f file, path string, fill func(io.Writer) error) error {
	if old, err := os.Lstat(path); err == nil && old.Mode().IsRegular() {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return errors.WithStack(err)
		}
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(w); err != nil {
		return err
	}
	for _, step := range []func() error{w.Flush, f.Sync, f.Close} {
		if err := step(); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

// syncDir makes a rename in dir durable, where directories can be opened and
// synced: Windows and some network file systems have no such thing.
func syncDir(dir string, sync func(dir *os.File) error) error {
	d, err := os.Open(dir)
	if stderrors.Is(err, fs.ErrPermission) {
		return nil
	} else if err != nil {
		return errors.WithStack(err)
	}
	defer d.Close()
	err = sync(d)
	for _, none := range []error{fs.ErrPermission, stderrors.ErrUnsupported, syscall.EINVAL} {
		if stderrors.Is(err, none) {
			return nil
		}
	}
	return errors.WithStack(err)
}
