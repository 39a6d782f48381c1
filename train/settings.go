package train

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// CheckSettings makes the directory dir and writes the settings of a run, as JSON, to its settings.json: what
// settings becomes by encoding/json, or JSON itself, as []byte or json.RawMessage. With resume they must be equal to
// those in the file, except for the keys in free: a run can only be continued with the settings that it began with.
//
// Errors: other settings, with a line for each that differs, as Differences says it; with resume, a missing
// settings.json, without which the settings of the run are unknown; those of the file system. After an error nothing
// in the directory has changed.
func CheckSettings(dir string, settings any, resume bool, free ...string) error {
	text, ok := settings.([]byte)
	if !ok {
		var err error
		if text, err = json.MarshalIndent(settings, "", "  "); err != nil {
			return errors.Wrap(err, "train: settings")
		}
	}
	if resume {
		if err := sameSettings(dir, text, free); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return errors.Wrap(err, "train: settings")
	}
	return atomicfile.Write(filepath.Join(dir, "settings.json"), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// sameSettings reports how settings differ from those of the run in dir.
func sameSettings(dir string, settings []byte, free []string) error {
	theirs, err := os.ReadFile(filepath.Join(dir, "settings.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.Wrapf(err, "train: resume: %s does not say what settings its run was made with", dir)
	}
	if err != nil {
		return errors.Wrap(err, "train: resume")
	}
	lines, err := Differences(theirs, settings, free...)
	if err != nil {
		return errors.WithMessagef(err, "train: resume: %s", filepath.Join(dir, "settings.json"))
	}
	if len(lines) > 0 {
		return errors.Errorf("train: resume: the settings differ from those of the run in %s:\n\t%s", dir,
			strings.Join(lines, "\n\t"))
	}
	return nil
}
