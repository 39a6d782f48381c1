package data

import (
	"context"
	stderrors "errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/filelock"
)

// claim opens the partial download of the file that will be at path, and locks it against other processes until it is
// closed. It waits for a process that holds the lock; if that one completes the file, nothing is left to do, and
// claim returns no part.
func claim(ctx context.Context, path string) (*os.File, error) {
	return claimBy(ctx, path, lock)
}

// lock takes the lock of a part, and returns false if another process holds it. On systems without locks it always
// succeeds, as it does where an open file cannot be moved; a checksum is compared in any case.
func lock(f *os.File) (held bool, err error) {
	if !filelock.RemovesOpen {
		return true, nil
	}
	switch err := filelock.Try(f); err {
	case nil, filelock.ErrNever:
		return true, nil
	case filelock.ErrHeld:
		return false, nil
	default:
		return false, err
	}
}

// claimBy is claim with another lock, as a test has it.
func claimBy(ctx context.Context, path string, lock func(*os.File) (held bool, err error)) (*os.File, error) {
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
		if err == nil && held && filelock.IsAt(f, os.Stat, name) {
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
