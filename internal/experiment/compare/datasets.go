package compare

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
)

// A dataset is one that -data can name.
type dataset struct {
	epochs, batch int // by default
	load          func(ctx context.Context, c *config, fetched func(done, total int64)) (train, test *data.Set,
		err error)
	augment []data.Transform // of -augment
}

// datasets returns all of them by name.
func datasets() map[string]dataset {
	all := map[string]dataset{
		"digits": {epochs: 100, batch: 719, augment: []data.Transform{data.RandomCrop{Padding: 1}},
			load: func(context.Context, *config, func(done, total int64)) (train, test *data.Set, err error) {
				return data.Digits()
			}},
		"cifar10": {epochs: 10, batch: 1000, augment: []data.Transform{data.RandomCrop{Padding: 8},
			data.RandomHorizontalFlip{}},
			load: func(ctx context.Context, c *config, fetched func(done, total int64)) (train, test *data.Set,
				err error) {
				return data.CIFAR10{Dir: c.Dir, Download: c.Download, Progress: fetched}.Load(ctx)
			}},
	}
	like := func(load func(ctx context.Context, m data.MNIST) (train, test *data.Set, err error)) dataset {
		return dataset{epochs: 10, batch: 1000, augment: []data.Transform{data.RandomCrop{Padding: 2}},
			load: func(ctx context.Context, c *config, fetched func(done, total int64)) (train, test *data.Set,
				err error) {
				sums, err := readSums(c.Sums)
				if err != nil {
					return nil, nil, err
				}
				return load(ctx, data.MNIST{
					Dir: c.Dir, Download: c.Download, Progress: fetched, Sums: sums, Unchecked: c.Unchecked,
				})
			}}
	}
	all["mnist"] = like(func(ctx context.Context, m data.MNIST) (train, test *data.Set, err error) {
		return m.Load(ctx)
	})
	all["fashion-mnist"] = like(func(ctx context.Context, m data.MNIST) (train, test *data.Set, err error) {
		return data.FashionMNIST(m).Load(ctx)
	})
	all["kmnist"] = like(func(ctx context.Context, m data.MNIST) (train, test *data.Set, err error) {
		return data.KMNIST(m).Load(ctx)
	})
	all["qmnist"] = like(func(ctx context.Context, m data.MNIST) (train, test *data.Set, err error) {
		return data.QMNIST(m).Load(ctx)
	})
	for _, split := range []data.EMNISTSplit{data.EMNISTBalanced, data.EMNISTByClass, data.EMNISTByMerge,
		data.EMNISTLetters, data.EMNISTDigits, data.EMNISTMNIST} {
		all["emnist-"+string(split)] = like(func(ctx context.Context, m data.MNIST) (train, test *data.Set, err error) {
			return data.EMNIST{Split: split, Files: m}.Load(ctx)
		})
	}
	return all
}

// load returns the training set, with the wrong labels that -noise asks for, and
// the test set, and fills in the defaults that depend on them.
func load(ctx context.Context, c *config, progress io.Writer) (train, test *data.Set, err error) {
	d, known := datasets()[c.Data]
	if !known {
		d = own()
	}
	train, test, err = d.load(ctx, c, fetching(progress, c.Data))
	if errors.Is(err, data.ErrNotFound) {
		err = errors.WithMessage(err, "say where they lie with -dir, or fetch them with -download")
	}
	if errors.Is(err, data.ErrChecksum) {
		err = errors.WithMessage(err, "-sums gives checksums, and -unchecked does without")
	}
	if err != nil {
		return nil, nil, err
	}
	if train, err = some(train, c.Train); err != nil {
		return nil, nil, errors.WithMessage(err, "-train")
	}
	if test, err = some(test, c.Test); err != nil {
		return nil, nil, errors.WithMessage(err, "-test")
	}
	if err := c.encoder().fits(train.Shape()); err != nil {
		return nil, nil, err
	}
	if err := c.fit(d, train.Len()); err != nil {
		return nil, nil, err
	}
	if c.Noise > 0 {
		train, err = train.CorruptUniform(c.Noise, c.Seed)
	}
	return train, test, err
}

// fit fills in the defaults that depend on the data, and checks what does.
func (c *config) fit(d dataset, samples int) error {
	if d.epochs == 0 {
		d.epochs, d.batch = fitOwn(samples)
	}
	if c.Epochs == 0 {
		c.Epochs = d.epochs
	}
	if c.Batch == 0 {
		c.Batch = min(d.batch, samples)
	}
	if c.Batch > samples {
		return errors.Errorf("-batch %d, want at most the %d training samples", c.Batch, samples)
	}
	if c.Chunk > 0 && c.Batch%c.Chunk != 0 {
		return errors.Errorf("-chunk %d, want a number that divides the batch of %d", c.Chunk, c.Batch)
	}
	return nil
}

// some returns the first samples of each class, n in all and as many of each, in
// the order of the set; 0 is all.
func some(set *data.Set, n int) (*data.Set, error) {
	if n == 0 {
		return set, nil
	}
	k := set.Classes()
	if n < k || n > set.Len() {
		return nil, errors.Errorf("%d samples, want at least one of each of %d classes, and at most %d", n, k,
			set.Len())
	}
	left := make([]int, k)
	for i := range n {
		left[i%k]++
	}
	var indices []int
	for i, y := range set.Labels() {
		if left[y] > 0 {
			left[y]--
			indices = append(indices, i)
		}
	}
	return set.Subset(indices)
}

// fetching returns what says how far a download is, every tenth.
func fetching(w io.Writer, name string) func(done, total int64) {
	var tenth atomic.Int64
	return func(done, total int64) {
		if at := 10 * done / max(total, done, 1); at != tenth.Swap(at) { // the total may be unknown
			fmt.Fprintf(w, "%s: fetched %.1f of %.1f MB\n", name, float64(done)/1e6, float64(total)/1e6)
		}
	}
}
