package train

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// Settle makes the directory dir and writes the settings of a run, as text, to its
// settings.json. With resume they must be those that lie there, if any do: a run
// goes on only as it began.
func Settle(dir string, settings []byte, resume bool) error {
	path, ours := filepath.Join(dir, "settings.json"), string(settings)+"\n"
	if resume {
		switch theirs, err := os.ReadFile(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return errors.Wrap(err, "train: resume")
		case string(theirs) != ours:
			return errors.Errorf("train: resume: the settings differ from those of the run in %s:\n%s\nnow\n%s", dir, theirs, ours)
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return errors.Wrap(err, "train: settings")
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, ours)
		return err
	})
}
