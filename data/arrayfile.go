package data

import (
	"io"
	"math"
	"os"
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// OpenArrays returns the set that LoadArrays does, to the bit, whose samples stay in their file: for those that are
// more than memory holds. Samples are read as they are asked for, some 256 KiB at a time where they are asked for
// in order, as train.Predict and train.SetEvaluator do, and one at a time otherwise. Labels are held.
//
// The file is to stay as it is until the set is closed. What cannot be read of it any more is an error of the method
// that asks for it: Fill, Row, Fit, Next of a Source.
//
// Errors: those of LoadArrays; ErrInput for samples in Fortran order, which do not lie together.
// Cost: one pass over the file, which checks that all numbers are finite.
func OpenArrays(samples, labels string, cfg ArraysConfig) (*Set, error) {
	s, err := openArrays(samples, labels, cfg)
	return s, errors.WithMessage(err, "data: arrays")
}

// Close closes the file of a set that OpenArrays made, and so of its subsets. Other sets have none.
func (s *Set) Close() error {
	if s == nil || s.file == nil {
		return nil
	}
	return errors.Wrap(s.file.close(), "data: close")
}

func openArrays(samples, labels string, cfg ArraysConfig) (s *Set, err error) {
	var y *Array
	if labels != "" {
		if y, err = loadNPY(labels); err != nil {
			return nil, err
		}
	}
	f, size, err := openFile(samples, maxArray)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	file := &npyFile{f: f, path: samples}
	if err := file.header(size); err != nil {
		return nil, errors.WithMessage(err, samples)
	}
	s, err = cfg.open(file, y)
	where := samples
	if labels != "" {
		where += " and " + labels
	}
	return s, errors.WithMessage(err, where)
}

// open makes the set.
func (cfg ArraysConfig) open(file *npyFile, y *Array) (*Set, error) {
	x := &Array{dtype: file.h.name, shape: file.h.shape}
	shape, err := cfg.fit(x, y)
	if err != nil {
		return nil, err
	}
	d, err := sampleSize(shape)
	if err != nil {
		return nil, err
	}
	scale := cfg.scale(x, shape)
	if math.IsNaN(scale) || math.IsInf(scale, 0) {
		return nil, errors.Wrapf(ErrInput, "scale is %v, want it finite", scale)
	}
	if scale == 0 {
		scale = 1
	}
	if cfg.ChannelsLast {
		file.channels = shape[0]
	}
	file.d, file.n = d, file.h.shape[0]
	r := fileRows{file: file, scale: scale}
	if r.beyond, err = r.check(); err != nil {
		return nil, err
	}
	return cfg.target(&Set{x: r, shape: shape, file: file}, y)
}

// An npyFile is a file of samples, of which a block is held.
type npyFile struct {
	path     string
	h        npyHeader
	start    int64 // of the numbers
	d, n     int   // numbers of a sample, and samples
	channels int   // of images that have them last; 0 is other samples

	mu     sync.Mutex
	f      *os.File
	block  []float64 // samples lo, …, hi − 1
	lo, hi int
	failed error // the first
}

// header reads the header of the file, of size bytes.
func (f *npyFile) header(size int64) (err error) {
	at := &counted{r: f.f}
	if f.h, err = readNPYHeader(at); err != nil {
		return err
	}
	f.start = at.n
	if want := int64(f.h.width) * int64(f.h.n); size-at.n != want {
		return errors.Wrapf(ErrFormat, "byte %d: %d bytes follow the header, and it says %s, which is %d", at.n,
			size-at.n, f.h, want)
	}
	if f.h.fortran && len(f.h.shape) > 1 {
		return errors.Wrap(ErrInput, "an array in Fortran order, whose samples do not lie together: save "+
			"numpy.ascontiguousarray(x), or use LoadArrays")
	}
	return nil
}

func (f *npyFile) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.WithStack(f.f.Close())
}

// sample calls use with the numbers of sample i, or with NaN if it cannot be read.
func (f *npyFile) sample(i int, use func(row []float64)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i < f.lo || i >= f.hi {
		if err := f.read(i); err != nil {
			if f.failed == nil {
				f.failed = errors.WithMessagef(err, "%s: sample %d", f.path, i)
			}
			f.lo, f.hi = 0, 0
			row := make([]float64, f.d)
			poison(row)
			use(row)
			return
		}
	}
	use(f.block[(i-f.lo)*f.d : (i-f.lo+1)*f.d])
}

// read reads sample i, with those after it if it is the next one.
func (f *npyFile) read(i int) error {
	const most = 1 << 15 // numbers of a block
	n := 1
	if i == f.hi {
		n = min(max(1, most/f.d), f.n-i)
	}
	h := f.h
	h.n = n * f.d
	at := f.start + int64(i)*int64(f.d)*int64(h.width)
	section := io.NewSectionReader(f.f, at, int64(h.n)*int64(h.width))
	x, err := h.read(&counted{r: section, n: at}, h, true)
	if err != nil {
		return err
	}
	if cap(f.block) < h.n {
		f.block = make([]float64, h.n)
	}
	f.block = f.block[:h.n]
	for k := range f.block {
		var ok bool
		if f.block[k], ok = x.float(k); !ok {
			return errors.Wrapf(ErrFormat, "number %d of sample %d is %s of type %s, and no float64: nothing is "+
				"rounded", k%f.d, i+k/f.d, x.text(k), h.name)
		}
	}
	if f.channels > 0 {
		f.block = channelsFirst(f.block, []int{f.channels, 1, f.d / f.channels})
	}
	f.lo, f.hi = i, i+n
	return nil
}

// fileRows are the rows of a file, scale times what is stored, or those of them that index lists if it is
// not nil.
type fileRows struct {
	file   *npyFile
	scale  float64
	index  []int
	beyond bool
}

func (r fileRows) beyond32() bool { return r.beyond }
func (r fileRows) width() int     { return r.file.d }

func (r fileRows) len() int {
	if r.index != nil {
		return len(r.index)
	}
	return r.file.n
}

func (r fileRows) at(i int) int {
	if r.index != nil {
		return r.index[i]
	}
	return i
}

func (r fileRows) fill(dst *tensor.Dense, to, from int) {
	d := r.file.d
	r.file.sample(r.at(from), func(row []float64) {
		switch dst.Dtype() {
		case tensor.Float32:
			convert(dst.Float32s()[to*d:(to+1)*d], row, r.scale)
		case tensor.Float64:
			convert(dst.Float64s()[to*d:(to+1)*d], row, r.scale)
		}
	})
}

func (r fileRows) fill64(dst []float64, from int) {
	r.file.sample(r.at(from), func(row []float64) { convert(dst, row, r.scale) })
}

func (r fileRows) rowsAt(indices []int) rows {
	index := make([]int, len(indices))
	for k, i := range indices {
		index[k] = r.at(i)
	}
	r.index = index
	return r
}

// wide returns row i as stored, where numbers of more digits than float32 are.
func (r fileRows) wide(i int) (row []float64, scale float64, ok bool) {
	switch r.file.h.name {
	case "bool", "uint8", "float16", "float32":
		return nil, 0, false
	}
	r.file.sample(r.at(i), func(x []float64) { row = append(row, x...) })
	return row, r.scale, true
}

func (r fileRows) err() error {
	r.file.mu.Lock()
	defer r.file.mu.Unlock()
	return r.file.failed
}

// check is checkFinite of all rows.
func (r fileRows) check() (beyond bool, err error) {
	for i := range r.len() {
		some := false
		r.file.sample(i, func(row []float64) { some, err = checkFinite("sample", row, r.scale, r.file.d) })
		if failed := r.err(); failed != nil {
			return false, failed
		}
		if err != nil { // which says sample 0
			return false, errors.WithMessagef(err, "sample %d", i)
		}
		beyond = beyond || some
	}
	return beyond, nil
}
