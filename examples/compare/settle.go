package main

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// settle writes the settings to the output directory, or with -resume compares
// them to what was written: a run goes on only as it began.
func (c *config) settle() error {
	path := filepath.Join(c.Out, "settings.json")
	ours, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return errors.WithStack(err)
	}
	if c.Resume {
		switch theirs, err := os.ReadFile(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return errors.Wrap(err, "-resume")
		case string(theirs) != string(ours)+"\n":
			return errors.Errorf("-resume: the settings differ from those of the run in %s:\n%s\nnow\n%s", c.Out, theirs, ours)
		}
	}
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return errors.Wrap(err, "-out")
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append(ours, '\n'))
		return err
	})
}
