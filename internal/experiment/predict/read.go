package predict

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
)

// read returns the samples of a path, prepared for a model, and the names of their files if
// each has one.
func read(ctx context.Context, path string, s models.Saved) (set *data.Set, names []string, err error) {
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case isFolder(path):
		set, names, err = images(ctx, path, s)
	case ext == ".csv" || ext == ".txt":
		set, err = table(path, ',', s)
	case ext == ".tsv":
		set, err = table(path, '\t', s)
	case ext == ".npy":
		set, err = data.LoadArrays(path, "", data.ArraysConfig{})
	default:
		return nil, nil, errors.Errorf("%s: want a table (.csv, .tsv, .txt), an array (.npy), or a folder of images",
			path)
	}
	if err != nil {
		return nil, nil, err
	}
	set, err = s.Prepare.Apply(set)
	return set, names, errors.WithMessage(err, path)
}

// table reads a table as that of the training was, or of a model without one by its columns in their order.
func table(path string, comma byte, s models.Saved) (*data.Set, error) {
	cfg := data.CSVConfig{Comma: comma, Unlabeled: true}
	if len(s.Schema.Columns) > 0 {
		cfg = data.CSVConfig{Comma: comma, Schema: &s.Schema}
	}
	return data.LoadCSV(path, cfg)
}

// images reads the images of a folder, scaled to the size of the model's.
func images(ctx context.Context, path string, s models.Saved) (*data.Set, []string, error) {
	f := data.ImageFolder{Dir: path, Unlabeled: true}
	if len(s.Shape) == 3 {
		f.Channels, f.Height, f.Width = s.Shape[0], s.Shape[1], s.Shape[2]
	}
	set, err := f.Load(ctx)
	if err != nil {
		return nil, nil, err
	}
	names, err := f.Files()
	return set, names, err
}
