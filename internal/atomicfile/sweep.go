package atomicfile

import (
	"os"
	"path/filepath"
	"regexp"

	"github.com/pkg/errors"
)

// left matches the names of temporary files: see create.
var left = regexp.MustCompile(`^\..+\.[A-Z2-7]{26,}\.part$`)

// Sweep removes the temporary files that killed processes have left in dir. Call it
// only where no process can be writing: it cannot tell a dead writer's from a live one's.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return errors.Wrap(err, "atomicfile: sweep")
	}
	for _, e := range entries {
		if e.Type().IsRegular() && left.MatchString(e.Name()) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return errors.Wrap(err, "atomicfile: sweep")
			}
		}
	}
	return nil
}
