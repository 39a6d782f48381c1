// Package atomicfile writes files that appear whole or not at all.
package atomicfile

import (
	"bufio"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// Write replaces the file at path by what fill writes.
//
// The bytes go to a temporary file in the same directory, which is synced and
// then renamed to path; the directory is synced last. A process killed at any
// moment leaves the old file or the new one, whole. If fill or the disk fails,
// path is as it was and the temporary file is gone.
func Write(path string, fill func(w io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.part")
	if err != nil {
		return errors.Wrapf(err, "atomicfile: write %s", path)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(w); err != nil {
		return errors.WithMessagef(err, "atomicfile: write %s", path)
	}
	if err := w.Flush(); err != nil {
		return errors.Wrapf(err, "atomicfile: write %s", path)
	}
	if err := f.Chmod(0o644); err != nil {
		return errors.Wrapf(err, "atomicfile: write %s", path)
	}
	if err := f.Sync(); err != nil {
		return errors.Wrapf(err, "atomicfile: sync %s", path)
	}
	if err := f.Close(); err != nil {
		return errors.Wrapf(err, "atomicfile: close %s", path)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.Wrapf(err, "atomicfile: write %s", path)
	}
	return syncDir(dir)
}

// syncDir makes a rename in dir durable. Where directories cannot be synced
// (some network file systems, Windows), the rename stands all the same.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return errors.Wrapf(err, "atomicfile: open directory %s", dir)
	}
	d.Sync()
	return errors.Wrapf(d.Close(), "atomicfile: close directory %s", dir)
}
