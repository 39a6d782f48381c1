package data

import (
	"context"
	stderrors "errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// CIFAR10 is 60,000 photographs of 10 classes, 3×32×32 with pixels in [0, 1], red,
// green, blue; 50,000 to train on. The classes are airplane, automobile, bird,
// cat, deer, dog, frog, horse, ship and truck.
//
// It is read in the binary format: from the archive cifar-10-binary.tar.gz, which is not unpacked on disk, or from
// data_batch_1.bin, …, data_batch_5.bin and test_batch.bin. Dir is the archive, or a directory with the archive, with
// cifar-10-batches-bin, or with the .bin files. The files in Dir are taken as they are: other data of this format, or
// fewer batches, are accepted. The archive in the cache, and what is fetched, must have the published SHA-256.
//
// Reference: Krizhevsky. Learning multiple layers of features from tiny images.
// Technical report, University of Toronto 2009.
type CIFAR10 struct {
	Dir      string   // "" is whitebox/cifar-10 in the user's cache directory
	Download bool     // fetch the archive if nothing is there
	Offline  bool     // never use the network, whatever Download says
	URL      string   // of the archive; "" is the authors'
	Mirrors  []string // other URLs of it, tried where that fails

	Client   *http.Client            // nil is http.DefaultClient
	Progress func(done, total int64) // is called with the number of bytes fetched; nil is none
	Network  Network                 // how patiently it is fetched
}

// CIFAR100 is 60,000 photographs of 100 classes, as CIFAR10 otherwise. The classes
// are in the alphabetical order of fine_label_names.txt; Coarse joins them to
// 20, five each. The archive is cifar-100-binary.tar.gz, with cifar-100-binary,
// train.bin and test.bin.
//
// Reference: that of CIFAR10.
type CIFAR100 struct {
	Coarse   bool     // labels are the 20 superclasses
	Dir      string   // "" is whitebox/cifar-100 in the user's cache directory
	Download bool     // fetch the archive if nothing is there
	Offline  bool     // never use the network, whatever Download says
	URL      string   // of the archive; "" is the author's
	Mirrors  []string // other URLs of it, tried where that fails

	Client   *http.Client            // nil is http.DefaultClient
	Progress func(done, total int64) // is told the bytes that are fetched; nil is nobody
	Network  Network                 // how patiently it is fetched
}

// Load returns the training and the test images.
//
// Errors: ErrNotFound; ErrFormat for files that are not what they say; ErrChecksum for the archive in the cache or
// what was fetched; those of the network, the disk and ctx. An archive that could not be fetched completely does not
// appear; the next call continues its download (see [Network]).
func (c CIFAR10) Load(ctx context.Context) (train, test *Set, err error) {
	p := place{dir: c.Dir, download: c.Download && !c.Offline, url: c.URL, mirrors: c.Mirrors,
		fetcher: fetcher{client: c.Client, progress: c.Progress, network: c.Network}}
	train, test, err = cifar10().load(ctx, p, 0)
	return train, test, errors.WithMessage(err, "data: CIFAR-10")
}

// Load returns the training and the test images. Errors: as CIFAR10.Load.
func (c CIFAR100) Load(ctx context.Context) (train, test *Set, err error) {
	p := place{dir: c.Dir, download: c.Download && !c.Offline, url: c.URL, mirrors: c.Mirrors,
		fetcher: fetcher{client: c.Client, progress: c.Progress, network: c.Network}}
	which := 1
	if c.Coarse {
		which = 0
	}
	train, test, err = cifar100().load(ctx, p, which)
	return train, test, errors.WithMessage(err, "data: CIFAR-100")
}

// A cifar describes one of the two data sets: its files, and the labels of a record.
type cifar struct {
	name    string // of the directory in the cache, and the prefix of its archives
	folder  string // in the archive
	archive remote
	train   []string // files, in order; the first must be there
	test    string
	classes []int // of each label that comes before the pixels of a record
	most    int64 // bytes of all files
}

// cifarMost is the most bytes that are read: the published files have 184 million.
const cifarMost = 1 << 28

func cifar10() cifar {
	return cifar{
		name: "cifar-10", folder: "cifar-10-batches-bin",
		archive: remote{[]string{"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"},
			"c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", 170052171},
		train: []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
			"data_batch_5.bin"},
		test: "test_batch.bin", classes: []int{10},
		most: cifarMost,
	}
}

func cifar100() cifar {
	return cifar{
		name: "cifar-100", folder: "cifar-100-binary",
		archive: remote{[]string{"https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"},
			"58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", 168513733},
		train: []string{"train.bin"},
		test:  "test.bin", classes: []int{20, 100},
		most: cifarMost,
	}
}

// A place is where the files are, or come from.
type place struct {
	dir      string
	download bool
	url      string
	mirrors  []string
	fetcher
}

// load returns both sets with the labels of that number.
func (c cifar) load(ctx context.Context, p place, which int) (train, test *Set, err error) {
	if ctx == nil {
		return nil, nil, errors.Wrap(ErrInput, "the context is nil")
	}
	files, at, err := c.open(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	all, err := c.join(files)
	if err != nil {
		return nil, nil, errors.WithMessage(err, at)
	}
	if train, err = all.set(c, which); err != nil {
		return nil, nil, err
	}
	test, err = files[c.test].set(c, which)
	return train, test, err
}

// join returns the training images of all files, and checks that none is missing.
func (c cifar) join(files map[string]*images) (*images, error) {
	all := new(images)
	for i, name := range c.train {
		part := files[name]
		switch {
		case part == nil && i == 0:
			return nil, errors.Wrapf(ErrFormat, "there is no %s: is it the binary version?", name)
		case part == nil:
		case i > 0 && files[c.train[i-1]] == nil:
			return nil, errors.Wrapf(ErrFormat, "there is %s but no %s", name, c.train[i-1])
		default:
			all.append(part)
		}
	}
	if files[c.test] == nil {
		return nil, errors.Wrapf(ErrFormat, "there is no %s", c.test)
	}
	return all, nil
}

// open reads the files of c, wherever they are, by name, and says where that was.
func (c cifar) open(ctx context.Context, p place) (files map[string]*images, at string, err error) {
	dir, err := cacheDir(p.dir, c.name)
	if err != nil {
		return nil, "", err
	}
	at, isArchive, err := c.find(dir)
	if stderrors.Is(err, ErrNotFound) && p.download {
		at, isArchive = filepath.Join(dir, c.official()), true
		r := c.archive
		if p.url != "" {
			r.urls = []string{p.url}
		}
		r.urls = slices.Concat(r.urls, p.mirrors)
		err = p.get(ctx, r, at)
	}
	if err == nil && isArchive && p.dir == "" {
		err = verifyFile(at, c.archive.sum, c.archive.size)
	}
	switch {
	case err != nil:
		return nil, "", err
	case isArchive:
		files, err = c.readArchive(ctx, at)
	default:
		files, err = c.readDir(ctx, at)
	}
	return files, at, err
}

func (c cifar) official() string { return c.name + "-binary.tar.gz" }

// find returns the path of the archive, or of the directory with the files.
func (c cifar) find(dir string) (path string, isArchive bool, err error) {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.Mode().IsRegular():
		return dir, true, nil
	case err != nil && !stderrors.Is(err, os.ErrNotExist):
		return "", false, errors.WithStack(err)
	}
	for _, at := range []string{dir, filepath.Join(dir, c.folder)} {
		if _, err := os.Stat(filepath.Join(at, c.train[0])); err == nil {
			return at, false, nil
		}
	}
	path = filepath.Join(dir, c.official())
	if _, err := os.Stat(path); err == nil {
		return path, true, nil
	}
	if others := c.archives(dir); len(others) == 1 {
		return filepath.Join(dir, others[0]), true, nil
	}
	return "", false, errors.Wrapf(ErrNotFound,
		"neither %s nor %s in %s: set Dir to one of them, or Download to fetch the archive (%d MB)",
		c.official(), c.train[0], dir, c.archive.size/1e6)
}

// archives returns the names of what may be archives in dir, of which nothing else is
// known. A directory that cannot be read has none.
func (c cifar) archives(dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, c.name+"-") && strings.HasSuffix(name, ".tar.gz") {
			names = append(names, name)
		}
	}
	return names
}
