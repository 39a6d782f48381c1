package atomicfile

import (
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// Place moves an open file, which is whole, to path in the same directory, and
// closes it. It is synced before and its directory after, as Write does. Errors:
// those of the file system; f is closed then too.
func Place(f *os.File, path string) error {
	return errors.WithMessagef(place(f, path), "atomicfile: place %s", path)
}

func place(f *os.File, path string) error {
	if err := f.Sync(); err != nil {
		f.Close()
		return errors.WithStack(err)
	}
	err := os.Rename(f.Name(), path) // while open: a waiting process must not find it unlocked and not yet moved
	if e := f.Close(); err != nil && e == nil {
		err = os.Rename(f.Name(), path) // systems that move no open file
	}
	if err != nil {
		return errors.WithStack(err)
	}
	return syncDir(filepath.Dir(path), (*os.File).Sync)
}
