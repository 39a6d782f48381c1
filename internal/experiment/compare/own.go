package compare

import (
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

// loadOwn returns training and test set, of which each feature of vectors and each channel of images has mean 0
// and standard deviation 1 on the training set.
func loadOwn(ctx context.Context, c *config, _ func(done, total int64)) (train, test *data.Set, err error) {
	if train, err = c.read(ctx, c.Data, nil); err != nil {
		return nil, nil, errors.WithMessage(err, "-data")
	}
	if c.TestData == "" {
		if train, test, err = train.Split(ownTestShare, c.Seed); err != nil {
			return nil, nil, err
		}
	} else if test, err = c.readTest(ctx, train); err != nil {
		return nil, nil, errors.WithMessage(err, "-test-data")
	}
	prepare, err := data.Fit(train, data.Standardize{})
	if err != nil {
		return nil, nil, err
	}
	if train, err = prepare.Apply(train); err != nil {
		return nil, nil, err
	}
	test, err = prepare.Apply(test)
	return train, test, err
}

// readTest reads the test set, whose classes are those of the training set.
func (c *config) readTest(ctx context.Context, train *data.Set) (*data.Set, error) {
	schema := train.Schema()
	of := *c
	if shape := train.Shape(); len(shape) == 3 {
		of.channels = shape[0]
	}
	test, err := of.read(ctx, c.TestData, &schema)
	if err != nil {
		return nil, err
	}
	if got, want := test.Shape(), train.Shape(); !slices.Equal(got, want) {
		return nil, errors.Errorf("%s holds samples of shape %v, and %s of %v", c.TestData, got, c.Data, want)
	}
	return test, nil
}

// read reads the files of a set, with the classes of a schema if there is one.
func (c *config) read(ctx context.Context, path string, schema *data.Schema) (*data.Set, error) {
	ext := strings.ToLower(filepath.Ext(path))
	info, err := os.Stat(path)
	x, y, two := strings.Cut(path, ",")
	table := data.CSVConfig{Label: c.Label, Schema: schema}
	if schema != nil {
		table.Label = schema.Label.Name
	}
	switch {
	case err != nil && two && filepath.Ext(x) == ".npy" && filepath.Ext(y) == ".npy":
		return c.readArrays(x, y, schema)
	case err != nil:
		return nil, errors.Wrap(fs.ErrNotExist, path)
	case info.IsDir():
		return c.readFolder(ctx, path, schema)
	case ext == ".csv" || ext == ".txt":
		return data.LoadCSV(path, table)
	case ext == ".tsv":
		table.Comma = '\t'
		return data.LoadCSV(path, table)
	case ext == ".npz":
		return c.readArchive(path, schema)
	case ext == ".npy":
		return nil, errors.Errorf("%s: an array of samples, or of labels: want both, as x.npy,y.npy", path)
	}
	return nil, errors.Errorf("%s: want a table, .csv or .tsv, a folder of images, x.npy,y.npy, or .npz", path)
}

// readFolder reads a folder of images.
func (c *config) readFolder(ctx context.Context, dir string, schema *data.Schema) (*data.Set, error) {
	if c.Label != "" {
		return nil, errors.Errorf("-label %q is for tables and archives: the classes of %s are its folders", c.Label,
			dir)
	}
	for _, test := range []string{"test", "val"} {
		if isThere(filepath.Join(dir, "train")) && isThere(filepath.Join(dir, test)) {
			return nil, errors.Errorf("%s has folders for training and test, and none of classes: -data %s "+
				"-test-data %s", dir, filepath.Join(dir, "train"), filepath.Join(dir, test))
		}
	}
	folder := data.ImageFolder{Dir: dir, Channels: c.channels, Schema: schema}
	var err error
	if folder.Height, folder.Width, err = sizeOf(c.Size); err != nil {
		return nil, err
	}
	set, err := folder.Load(ctx)
	if err != nil && c.Size == "" {
		return nil, errors.WithMessage(err, "-size scales images of several sizes")
	}
	return set, err
}

// sizeOf returns the height and width that "32" or "32x48" says, 0 for "".
func sizeOf(text string) (height, width int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	h, w, two := strings.Cut(text, "x")
	if !two {
		w = h
	}
	height, err = strconv.Atoi(h)
	width, bad := strconv.Atoi(w)
	if err != nil || bad != nil || height < 1 || width < 1 {
		return 0, 0, errors.Errorf("-size %q, want pixels, as 32, or 32x48 for a height of 32", text)
	}
	return height, width, nil
}

// readArrays reads the arrays in two files.
func (c *config) readArrays(x, y string, schema *data.Schema) (*data.Set, error) {
	if c.Label+c.Size != "" {
		return nil, errors.Errorf("-label and -size are not for arrays: %s has the labels", y)
	}
	samples, err := data.LoadNPY(x)
	if err != nil {
		return nil, err
	}
	labels, err := data.LoadNPY(y)
	if err != nil {
		return nil, err
	}
	set, err := arraySet(samples, labels, schema)
	return set, errors.WithMessagef(err, "%s and %s", x, y)
}

// readArchive reads the arrays in an archive: labels y, or those that -label names, and samples x, or X, or what
// else is in it, if that is one array.
func (c *config) readArchive(path string, schema *data.Schema) (*data.Set, error) {
	all, err := data.LoadNPZ(path, data.NPZConfig{})
	if err != nil {
		return nil, err
	}
	name := c.Label
	if name == "" {
		name = "y"
	}
	var names, others []string
	for n := range all {
		if names = append(names, n); n != name {
			others = append(others, n)
		}
	}
	slices.Sort(names)
	labels, samples := all[name], all["x"]
	if samples == nil {
		samples = all["X"]
	}
	if samples == nil && len(others) == 1 {
		samples = all[others[0]]
	}
	if labels == nil || samples == nil {
		return nil, errors.Errorf("%s has the arrays %q: want samples x and labels y, or say with -label which array "+
			"has the labels", path, names)
	}
	set, err := arraySet(samples, labels, schema)
	return set, errors.WithMessage(err, path)
}

// arraySet makes a set of two arrays. Images n×h×w×c are those whose last size is 1 or 3, and whose second is not.
func arraySet(x, y *data.Array, schema *data.Schema) (*data.Set, error) {
	isChannels := func(n int) bool { return n == 1 || n == 3 }
	shape := x.Shape()
	last := len(shape) == 4 && isChannels(shape[3]) && !isChannels(shape[1])
	return data.NewArrays(x, y, data.ArraysConfig{ChannelsLast: last, Schema: schema})
}

// fitOwn chooses the length of a training on n samples: some 200 steps, each on half of
// the samples, as for the digits, but on at most 1000.
func fitOwn(n int) (epochs, batch int) {
	const steps = 200
	batch = min(1000, max(1, n/2))
	return max(1, int(math.Ceil(steps/float64(n/batch)))), batch
}
