package experiment

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/rundir"
	"github.com/whitebox-nn/whitebox/train"
)

// settingsName is the file with the settings of a run, in its folder.
const settingsName = "settings.json"

// A Folder is the folder of -out, to which only this run writes.
type Folder struct {
	*rundir.Folder
	out      string // as it was given
	progress io.Writer
}

// A Beginning is how a run begins.
type Beginning struct {
	Settings any      // of the run, which become JSON. What is left out of that is free to change on Resume
	Resume   bool     // goes on with the run that lies there, if any does
	Longer   []string // keys of the Settings that may grow on Resume, as a number of epochs on which no rate depends
	Stages   []string // names of files and folders that the run makes besides its report
}

// OpenFolder makes the folder of -out, unless it is there, and locks it. A folder that is not writable, or that
// another run writes to, is an error before any work is done.
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

// Begin makes the folder ready for a run, whose settings it writes to settings.json. To continue a run they must be
// equal to its settings. If the run is not continued, an older run in the folder is moved aside.
func (f *Folder) Begin(b Beginning) error {
	if err := f.Sweep(); err != nil {
		return err
	}
	if !b.Resume {
		if err := f.keepOlder(); err != nil {
			return err
		}
		return f.settle(b, false)
	}
	empty, err := f.Empty()
	if err != nil {
		return err
	}
	if empty { // also a run that was killed before it had begun
		fmt.Fprintf(f.progress, "-resume: nothing is in %s: the run begins\n", f.out)
		return f.settle(b, false)
	}
	if !f.Has(settingsName) {
		return errors.Errorf("-resume: %s holds files but no settings.json: nobody knows what settings they were "+
			"made with. Start anew without -resume, in another folder", f.out)
	}
	if err := f.settle(b, true); err != nil {
		return err
	}
	return f.sayUnwanted(b.Stages)
}

// settle writes the settings, or compares them with those that lie there first.
func (f *Folder) settle(b Beginning, resume bool) error {
	free, err := f.grown(b)
	if err != nil {
		return err
	}
	return errors.WithMessage(train.CheckSettings(f.Path(), b.Settings, resume, free...), "-out "+f.out)
}

// grown returns those of b.Longer that are not smaller than in the run that lies there.
func (f *Folder) grown(b Beginning) (free []string, err error) {
	text, err := os.ReadFile(filepath.Join(f.Path(), settingsName))
	if err != nil || len(b.Longer) == 0 {
		return nil, nil // Settle says what is wrong
	}
	now, err := json.Marshal(b.Settings)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var was, is map[string]any
	if json.Unmarshal(text, &was) != nil || json.Unmarshal(now, &is) != nil {
		return nil, nil
	}
	for _, key := range b.Longer {
		before, ok := was[key].(float64)
		after, known := is[key].(float64)
		if ok && known && after >= before {
			free = append(free, key)
		}
	}
	return free, nil
}

// keepOlder moves a run that lies in the folder aside.
func (f *Folder) keepOlder() error {
	if old, err := f.holdsRun(); err != nil || !old {
		return err
	}
	to, err := f.SetAside()
	if to != "" {
		fmt.Fprintf(f.progress, "%s: the older run is kept, as %s\n", f.out, f.shown(to))
	}
	return err
}

// sayUnwanted reports files in the folder that the run does not make.
func (f *Folder) sayUnwanted(stages []string) error {
	entries, err := os.ReadDir(f.Path())
	if err != nil {
		return errors.WithStack(err)
	}
	ours := append([]string{rundir.LockName, settingsName, "summary.json", "report.html"}, stages...)
	var others []string
	for _, e := range entries {
		figure := filepath.Ext(e.Name()) == ".png" || filepath.Ext(e.Name()) == ".svg"
		if !figure && !slices.Contains(ours, e.Name()) {
			others = append(others, e.Name())
		}
	}
	if len(others) > 0 {
		fmt.Fprintf(f.progress, "%s also holds what this run does not want: %s\n", f.out, strings.Join(others, ", "))
	}
	return nil
}

// holdsRun reports whether the folder holds files that a run has written besides its settings, even an interrupted
// run or one of an older version. Other files do not belong to a run, and stay where they are.
func (f *Folder) holdsRun() (bool, error) {
	if !f.Has(settingsName) && !f.Has("summary.json") && !f.Has("report.html") {
		return false, nil
	}
	empty, err := f.Empty(settingsName)
	return !empty, err
}

// Close releases the lock. A run that has written nothing leaves no settings either.
func (f *Folder) Close() error {
	empty, err := f.Empty(settingsName)
	if err == nil && empty && f.Has(settingsName) {
		err = errors.WithStack(os.Remove(filepath.Join(f.Path(), settingsName)))
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
