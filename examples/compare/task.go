package main

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// check reports settings that make no sense, before anything is read or written.
func (c *config) check() error {
	switch {
	case c.Data != "digits" && c.Data != "mnist":
		return errors.Errorf("-data %q, want digits or mnist", c.Data)
	case c.Model != "mlp":
		return errors.Errorf("-model %q, want mlp", c.Model)
	case c.Device != "cpu" && c.Device != "cuda":
		return errors.Errorf("-device %q, want cpu or cuda", c.Device)
	case c.Dim < 2:
		return errors.Errorf("-dim %d, want at least 2", c.Dim)
	case c.Epochs < 0 || c.Batch < 0:
		return errors.Errorf("-epochs %d and -batch %d, want at least 1 each, or 0 for the default", c.Epochs, c.Batch)
	case c.Out == "":
		return errors.New("-out is empty, want a directory")
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"lr", c.LR}, {"eps2", c.Eps2}, {"gamma1", c.Gamma1}, {"gamma2", c.Gamma2}} {
		if !(f.value > 0) || math.IsInf(f.value, 0) {
			return errors.Errorf("-%s %v, want a number above 0", f.name, f.value)
		}
	}
	for _, r := range append([]float64{c.Noise}, c.Noises...) {
		if !(r >= 0 && r <= 1) {
			return errors.Errorf("a share of %v of wrong labels, want it from 0 to 1", r)
		}
	}
	return nil
}

// load returns the training set, with the wrong labels that -noise asks for, and
// the test set, and fills in the defaults that depend on them.
func load(ctx context.Context, c *config) (train, test *data.Set, err error) {
	epochs, batch := 100, 719
	if c.Data == "mnist" {
		epochs, batch = 10, 1000
		train, test, err = data.MNIST{Dir: c.Dir, Download: c.Download}.Load(ctx)
		if errors.Is(err, data.ErrNotFound) {
			err = errors.WithMessage(err, "say where it lies with -dir, or fetch it with -download")
		}
	} else {
		train, test, err = data.Digits()
	}
	if err != nil {
		return nil, nil, err
	}
	if c.Epochs == 0 {
		c.Epochs = epochs
	}
	if c.Batch == 0 {
		c.Batch = batch
	}
	if c.Batch > train.Len() {
		return nil, nil, errors.Errorf("-batch %d, want at most the %d training samples", c.Batch, train.Len())
	}
	if c.Noise > 0 {
		train, err = train.CorruptUniform(c.Noise, c.Seed)
	}
	return train, test, err
}

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
