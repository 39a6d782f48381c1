package data

import (
	"context"
	stderrors "errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
)

// claim opens the part of the file that will be at path, and keeps other processes
// away from it until it is closed. It waits for one that has it; if that one finishes
// the file, there is nothing left to do and no part.
func claim(ctx context.Context, path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	name := filepath.Join(dir, "."+base+".download")
	for {
		if _, err := os.Stat(path); !stderrors.Is(err, fs.ErrNotExist) {
			return nil, errors.WithStack(err)
		}
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		held, err := lock(f)
		if err == nil && held && stillAt(f, name) {
			return f, nil
		}
		f.Close()
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if held { // of a part that has been moved to its place, or removed
			continue
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, errors.WithMessagef(err, "%s: another process fetches it", path)
		}
	}
}

// stillAt reports whether f is the file of that name.
func stillAt(f *os.File, name string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(name)
	return err == nil && os.SameFile(mine, there)
}
