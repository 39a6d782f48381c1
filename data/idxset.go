package data

import (
	"github.com/pkg/errors"
)

// IDXConfig says what two IDX files of images and labels mean. The zero value of a
// field is its default.
type IDXConfig struct {
	Classes    int  // 0 is one more than the largest label
	FirstLabel int  // the label of class 0: 1 of EMNIST's letters
	Transposed bool // images are stored column after column, as EMNIST's are
}

// LoadIDX reads labelled images from two files in the IDX format, plain or compressed
// by gzip, of which nothing is known: images n×h×w become samples 1×h×w, n×c×h×w
// samples c×h×w, and n×d vectors. Bytes are divided by 255; numbers of other types are
// taken as they are. Labels are n of any type, or the first of n rows of them, as in
// QMNIST.
//
// Errors: ErrFormat for files that are not what they say, or not of each other;
// ErrInput for a label that is out of range, or a number that is not finite; those of
// the disk.
func LoadIDX(images, labels string, cfg IDXConfig) (*Set, error) {
	x, err := idxFile(images)
	if err != nil {
		return nil, errors.WithMessage(err, "data: images")
	}
	y, err := idxFile(labels)
	if err != nil {
		return nil, errors.WithMessage(err, "data: labels")
	}
	set, err := cfg.set(x, y)
	return set, errors.WithMessagef(err, "data: %s and %s", images, labels)
}

// idxFile reads the file at path, which may be anything.
func idxFile(path string) (idxArray, error) {
	f, size, err := openFile(path, idxMaxSize)
	if err != nil {
		return idxArray{}, err
	}
	defer f.Close()
	a, err := readIDX(f, size)
	return a, errors.WithMessage(err, path)
}

// set joins images and labels.
func (cfg IDXConfig) set(x, y idxArray) (*Set, error) {
	n := x.shape[0]
	if len(x.shape) < 2 || len(x.shape) > 4 || len(y.shape) > 2 || y.shape[0] != n {
		return nil, errors.Wrapf(ErrFormat,
			"images of shape %v with labels of shape %v, want n×h×w, n×c×h×w or n×d with n, or n rows", x.shape,
			y.shape)
	}
	labels, err := cfg.labels(y)
	if err != nil {
		return nil, err
	}
	classes := cfg.Classes
	for _, c := range labels {
		if cfg.Classes == 0 {
			classes = max(classes, c+1)
		}
	}
	for i, c := range labels { // in the numbers of the file, not ours
		if c < 0 || c >= classes {
			return nil, errors.Wrapf(ErrInput, "label %d of sample %d, want it in %d, …, %d", c+cfg.FirstLabel, i,
				cfg.FirstLabel, cfg.FirstLabel+classes-1)
		}
	}
	shape := x.shape[1:]
	if len(shape) == 2 {
		shape = []int{1, shape[0], shape[1]}
	}
	if cfg.Transposed {
		if len(shape) != 3 {
			return nil, errors.Wrapf(ErrFormat, "vectors of shape %v cannot be transposed, want images", shape)
		}
		shape = []int{shape[0], shape[2], shape[1]}
	}
	if x.kind == idxUint8 {
		if cfg.Transposed {
			transpose(x.bytes, shape)
		}
		return New(x.bytes, 1.0/255, shape, labels, classes)
	}
	v, err := idxNumbers[float64](x)
	if err != nil {
		return nil, err
	}
	if cfg.Transposed {
		transpose(v, shape)
	}
	return New(v, 1, shape, labels, classes)
}

// labels returns the classes that y gives, from 0 on.
func (cfg IDXConfig) labels(y idxArray) ([]int, error) {
	all, err := idxNumbers[int](y)
	if err != nil {
		return nil, errors.WithMessage(err, "labels")
	}
	labels := make([]int, y.shape[0])
	each := len(all) / len(labels)
	for i := range labels {
		labels[i] = all[i*each] - cfg.FirstLabel
	}
	return labels, nil
}

// transpose turns images that are stored column after column into c×h×w.
func transpose[T byte | float64](x []T, shape []int) {
	h, w := shape[1], shape[2]
	image := make([]T, h*w)
	for lo := 0; lo < len(x); lo += h * w {
		at := x[lo : lo+h*w]
		copy(image, at)
		for i := range h {
			for j := range w {
				at[i*w+j] = image[j*h+i]
			}
		}
	}
}
