package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/rundir"
	"github.com/whitebox-nn/whitebox/train"
)

// A Folder is the folder of -out, that this run alone writes to.
type Folder struct {
	*rundir.Folder
	out      string // as it was given
	progress io.Writer
}

// OpenFolder makes the folder of -out, unless it is there, and locks it. One that
// nothing can be written to, or that another run writes to, is an error, before any work.
func OpenFolder(out string, progress io.Writer) (*Folder, error) {
	f, err := rundir.Open(out)
	if err != nil {
		return nil, errors.WithMessage(err, "-out")
	}
	if who := f.Died(); who != "" {
		fmt.Fprintf(progress, "%s: its lock was left by %s, which is dead: taken over\n", out, who)
	}
	return &Folder{f, out, progress}, nil
}

// Begin makes the folder ready for a run of the settings, which it writes to
// settings.json. With resume they must be those of the run that lies there. Otherwise a
// run that lies there is moved aside.
func (f *Folder) Begin(settings any, resume bool) error {
	if err := f.Sweep(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(settings, "", "  ")
	if err != nil {
		return errors.WithStack(err)
	}
	if resume {
		switch empty, err := f.Empty(); {
		case err != nil:
			return err
		case empty: // also a run that was killed before it had begun
			fmt.Fprintf(f.progress, "-resume: nothing is in %s: the run begins\n", f.out)
			resume = false
		case !f.Has("settings.json"):
			return errors.Errorf("-resume: %s holds files but no settings.json: nobody knows what settings they were made with. Start anew without -resume, in another folder", f.out)
		}
	}
	if old, err := f.holdsRun(); err != nil {
		return err
	} else if old && !resume {
		to, err := f.SetAside()
		if to != "" {
			fmt.Fprintf(f.progress, "%s: the older run is kept, as %s\n", f.out, f.shown(to))
		}
		if err != nil {
			return err
		}
	}
	return errors.WithMessage(train.Settle(f.Path(), text, resume), "-out")
}

// holdsRun reports whether the folder holds what a run, also one of an older version
// or one that was cut short, has written beside its settings. Other files are no run's,
// and stay where they are.
func (f *Folder) holdsRun() (bool, error) {
	if !f.Has("settings.json") && !f.Has("summary.json") && !f.Has("report.html") {
		return false, nil
	}
	empty, err := f.Empty("settings.json")
	return !empty, err
}

// Close gives the lock back. A run that has written nothing leaves no settings either.
func (f *Folder) Close() error {
	empty, err := f.Empty("settings.json")
	if err == nil && empty && f.Has("settings.json") {
		err = errors.WithStack(os.Remove(filepath.Join(f.Path(), "settings.json")))
	}
	if e := f.Folder.Close(); err == nil {
		err = e
	}
	return err
}

// shown returns a path beside the folder as the user would write it.
func (f *Folder) shown(path string) string {
	if filepath.IsAbs(f.out) {
		return path
	}
	at, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(at, path); err == nil {
		return rel
	}
	return path
}
