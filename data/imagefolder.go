package data

import (
	"context"
	"os"
	"slices"
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// An ImageFolder is a folder of PNG and JPEG images, in which a class has a folder:
//
//	pets/cat/1.jpg
//	pets/cat/2.png
//	pets/dog/1.jpg
//
// Classes are 0, 1, … in the order of the names of their folders, byte by byte; Set.ClassNames has the
// names. Samples are c×h×w, of numbers from 0 to 1, in the order of classes and, within one, of paths.
//
// The format of an image is recognised by its first bytes, not by its name. It is turned upright as its EXIF
// orientation says; its transparency is left out, 16 bits become their upper 8, CMYK becomes RGB, and RGB gray by
// ITU-R BT.601, all of which Pillow does too.
//
// The folder of a class may have folders within it, whose images belong to the class. Names that begin with a dot,
// and Thumbs.db and desktop.ini, are left out everywhere, as are files beside the folders of classes that are not
// images. Links to files, and to the folders of classes, are followed. These are errors: an image beside the folders,
// an empty class, and within a class a file of another kind or a link to a folder.
//
// Reference: torchvision.datasets.ImageFolder, which leaves orientation to its loader.
type ImageFolder struct {
	Dir string

	Channels      int // 1 is gray, 3 RGB; 0 is gray if all images are, and otherwise RGB
	Height, Width int // to which images are scaled, whatever their proportions; 0 is their own size, which is one

	// MaxPixels bounds an image, whose size is read before it is decoded; 0 is 2²⁶, 67 million.
	MaxPixels int

	// Schema is that of the set that a model was trained on: classes are its, and may be missing
	// here. Without one, they are the folders.
	Schema *Schema

	// Unlabeled says that the images lie in Dir itself, or anywhere in it, and have no classes.
	Unlabeled bool

	Workers int // that decode; 0 is all cores
}

const (
	maxPixels     = 1 << 26
	maxImageFile  = 1 << 28 // bytes
	maxWorkers    = 256
	maxImageBytes = 1 << 34 // of all images together, decoded
)

// Load reads the images. The result is the same for any number of Workers.
//
// It does not trust the size that an image announces: an image of more than MaxPixels, and a PNG of more pixels than
// its bytes can hold, is refused before memory is allocated.
//
// Errors: ErrFormat for images that cannot be read, or are too large, or of two sizes; ErrInput for
// folders without images; those of the disk, and of ctx. Each says which file, the first of several.
//
// Cost: a byte a number, and what decoding takes: memory for one image a worker.
func (f ImageFolder) Load(ctx context.Context) (*Set, error) {
	s, err := f.load(ctx)
	return s, errors.WithMessage(err, "data: image folder")
}

// Files returns the paths of the images, in the order of the samples of Load.
func (f ImageFolder) Files() ([]string, error) {
	files, _, err := f.list()
	if err != nil {
		return nil, errors.WithMessage(err, "data: image folder")
	}
	paths := make([]string, len(files))
	for i, file := range files {
		paths[i] = file.path
	}
	return paths, nil
}

func (f ImageFolder) load(ctx context.Context) (*Set, error) {
	if ctx == nil {
		return nil, errors.Wrap(ErrInput, "the context is nil: context.Background() will do")
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if f.MaxPixels == 0 {
		f.MaxPixels = maxPixels
	}
	files, names, err := f.list()
	if err != nil {
		return nil, err
	}
	labels := make([]int, len(files))
	for i, file := range files {
		labels[i] = file.class
	}
	pool := par.New(min(f.Workers, maxWorkers))
	defer pool.Close()
	if f.Channels == 0 || f.Height == 0 {
		if err := f.measure(ctx, pool, files); err != nil {
			return nil, err
		}
	}
	shape := []int{f.Channels, f.Height, f.Width}
	if d := size(shape); len(files) > maxImageBytes/d {
		return nil, errors.Wrapf(ErrInput, "%d images of %v are more than the 2³⁴ bytes that a Set may have: choose a "+
			"smaller Height and Width", len(files), shape)
	}
	pixels := make([]byte, len(files)*size(shape))
	err = each(ctx, pool, len(files), func(i int) error {
		return f.decode(pixels[i*size(shape):(i+1)*size(shape)], files[i].path)
	})
	if err != nil {
		return nil, err
	}
	s, err := New(pixels, 1.0/255, shape, labels, max(1, len(names)))
	if err != nil || names == nil {
		return s, err
	}
	return s.named(Schema{Label: Column{Categories: names}}), nil
}

// check reports fields that contradict each other.
func (f ImageFolder) check() error {
	switch {
	case f.Channels != 0 && f.Channels != 1 && f.Channels != 3:
		return errors.Wrapf(ErrInput, "Channels is %d, want 1 for gray, 3 for RGB, or 0", f.Channels)
	case (f.Height == 0) != (f.Width == 0) || f.Height < 0 || f.Width < 0 || f.Height > 0 && !fitsMemory(3, f.Height,
		f.Width):
		return errors.Wrapf(ErrInput, "Height %d and Width %d, want both 0, or both above and few pixels", f.Height,
			f.Width)
	case f.MaxPixels < 0 || f.MaxPixels > maxNumbers:
		return errors.Wrapf(ErrInput, "MaxPixels is %d, want 0 to %d", f.MaxPixels, maxNumbers)
	case f.Workers < 0:
		return errors.Wrapf(ErrInput, "%d Workers, want at least 0", f.Workers)
	case f.Unlabeled && f.Schema != nil:
		return errors.Wrap(ErrInput, "Unlabeled images, and a Schema of classes")
	}
	return nil
}

// measure chooses Channels, Height and Width by the images, as far as they are 0.
func (f *ImageFolder) measure(ctx context.Context, pool *par.Pool, files []imageFile) error {
	all := make([]imageInfo, len(files))
	err := each(ctx, pool, len(files), func(i int) error {
		b, err := f.read(files[i].path)
		if err != nil {
			return err
		}
		all[i], err = f.probe(b)
		return errors.WithMessage(err, files[i].path)
	})
	if err != nil {
		return err
	}
	gray := true
	for _, info := range all {
		gray = gray && info.gray
	}
	if f.Channels == 0 {
		if f.Channels = 3; gray {
			f.Channels = 1
		}
	}
	if f.Height > 0 {
		return nil
	}
	f.Height, f.Width = all[0].upright()
	for i, info := range all {
		if h, w := info.upright(); h != f.Height || w != f.Width {
			return errors.Wrapf(ErrFormat, "%s is %d×%d, and %s is %d×%d (width×height): choose a Height and a Width, "+
				"to which images are scaled", files[0].path, f.Width, f.Height, files[i].path, w, h)
		}
	}
	return nil
}

// each calls do for 0, …, n−1, on all workers, and returns the error of the first for which there is one.
func each(ctx context.Context, pool *par.Pool, n int, do func(i int) error) error {
	errs := make([]error, n)
	var first atomic.Int64 // after it nothing is done
	first.Store(int64(n))
	pool.Loop(n, 1, func(lo, hi int) {
		for i := lo; i < hi && int64(i) < first.Load(); i++ {
			if errs[i] = errors.WithStack(ctx.Err()); errs[i] == nil {
				errs[i] = do(i)
			}
			for at := first.Load(); errs[i] != nil && int64(i) < at; at = first.Load() {
				first.CompareAndSwap(at, int64(i))
			}
		}
	}).Do()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}

// read returns the content of an image's file.
func (f ImageFolder) read(path string) ([]byte, error) {
	file, n, err := openFile(path, maxImageFile)
	if err != nil {
		return nil, err
	}
	file.Close()
	if n == 0 {
		return nil, errors.Wrapf(ErrFormat, "%s is empty", path)
	}
	b, err := os.ReadFile(path)
	return b, errors.WithStack(err)
}
