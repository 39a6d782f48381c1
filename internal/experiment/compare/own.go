package compare

import (
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
)

// isPath reports whether -data names files of the user's.
func isPath(name string) bool {
	if _, known := datasets()[name]; known {
		return false
	}
	return strings.ContainsAny(name, `./\`) || isThere(name)
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ownTestShare is the share of the samples of a file that are the test set.
const ownTestShare = 0.2

// own returns the data set of the files that -data names: epochs and batches are chosen by
// its size.
func own() dataset {
	return dataset{load: loadOwn}
}

func loadOwn(_ context.Context, c *config, _ func(done, total int64)) (train, test *data.Set, err error) {
	all, err := c.readOwn()
	if err != nil {
		return nil, nil, err
	}
	train, test, err = all.Split(ownTestShare, c.Seed)
	if err != nil || len(all.Shape()) != 1 {
		return train, test, err
	}
	n, err := data.NormalizeOf(train)
	if err != nil {
		return nil, nil, err
	}
	if train, err = train.Normalized(n); err != nil {
		return nil, nil, err
	}
	test, err = test.Normalized(n)
	return train, test, err
}

// readOwn reads the files.
func (c *config) readOwn() (*data.Set, error) {
	switch ext := strings.ToLower(filepath.Ext(c.Data)); {
	case !isThere(c.Data):
		return nil, errors.WithMessage(errors.Wrap(fs.ErrNotExist, c.Data), "-data")
	case ext == ".csv" || ext == ".txt":
		return data.LoadCSV(c.Data, data.CSVConfig{Label: c.Label})
	case ext == ".tsv":
		return data.LoadCSV(c.Data, data.CSVConfig{Label: c.Label, Comma: '\t'})
	}
	return nil, errors.Errorf("-data %s: want a table, .csv or .tsv", c.Data)
}

// fitOwn chooses the length of a training on n samples: some 200 steps, each on half of
// the samples, as for the digits, but on at most 1000.
func fitOwn(n int) (epochs, batch int) {
	const steps = 200
	batch = min(1000, max(1, n/2))
	return max(1, int(math.Ceil(steps/float64(n/batch)))), batch
}
