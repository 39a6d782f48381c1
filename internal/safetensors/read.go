package safetensors

import (
	"cmp"
	"encoding/binary"
	"io"
	"slices"

	"github.com/pkg/errors"
)

// A File is the content of a safetensors file. The tensors are in the order of
// their data. Those of Read have their data, which share one buffer; those of
// ReadFile have none until Get, Reals or Load reads them.
type File struct {
	Tensors []Tensor
	Meta    map[string]string // the text; nil if there is none

	at   []int64 // where the data of each tensor start in the file
	disk *disk   // the file; nil if the tensors have their data
}

// ReadFile reads what the regular file at path says of its tensors. Their data
// stay there until they are asked for, so that a file takes the memory of what is
// wanted of it, however large it is. Errors: as Read.
func ReadFile(path string) (*File, error) {
	d, r, err := openDisk(path)
	if err != nil {
		return nil, errors.WithMessage(err, "safetensors: read")
	}
	defer r.Close()
	f, err := scan(r, d.info.Size())
	if err != nil {
		return nil, errors.WithMessagef(err, "read %s", path)
	}
	f.disk = d
	return f, nil
}

// Read reads a whole file of size bytes from r. Errors: whatever is amiss in the
// file (ErrFormat), an r that fails.
func Read(r io.ReaderAt, size int64) (*File, error) {
	f, err := scan(r, size)
	if err != nil {
		return nil, err
	}
	start := f.start(size)
	data := make([]byte, size-start)
	if err := readAt(r, data, start); err != nil {
		return nil, errors.WithMessagef(err, "safetensors: data")
	}
	for i := range f.Tensors {
		lo, hi := f.at[i]-start, f.end(i, size)-start
		f.Tensors[i].Data = data[lo:hi:hi]
	}
	return f, nil
}

// start and end return where the data of the file and those of tensor i lie.
func (f *File) start(size int64) int64 { return f.end(-1, size) }

func (f *File) end(i int, size int64) int64 {
	if i+1 < len(f.at) {
		return f.at[i+1]
	}
	return size
}

// scan reads the header of a file of size bytes, and checks it against the size.
func scan(r io.ReaderAt, size int64) (*File, error) {
	head, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	f, entries, err := parseHeader(head)
	if err != nil {
		return nil, err
	}
	start := 8 + int64(len(head))
	if err := checkLayout(entries, size-start); err != nil {
		return nil, err
	}
	f.Tensors = make([]Tensor, len(entries))
	f.at = make([]int64, len(entries))
	for i, e := range entries {
		f.Tensors[i], f.at[i] = e.Tensor, start+int64(e.lo)
	}
	return f, nil
}

// Tensor returns the tensor of that name, and whether there is one.
func (f *File) Tensor(name string) (Tensor, bool) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Has reports whether there is a tensor of that name.
func (f *File) Has(name string) bool {
	_, ok := f.Tensor(name)
	return ok
}

// Get returns a copy of the elements of the tensor of that name, which must be
// of T's dtype and of the given shape. Errors: it is not, or there is none
// (ErrMismatch); the file cannot be read any more, or is another one by now.
func Get[T Element](f *File, name string, shape ...int) ([]T, error) {
	i, err := f.find(name, shape)
	if err != nil {
		return nil, err
	}
	if t, want := f.Tensors[i], dtypeOf[T](); t.DType != want {
		return nil, errors.Wrapf(ErrMismatch, "safetensors: tensor %q is %s, want %s", t.Name, t.DType, want)
	}
	t, err := f.load(i)
	if err != nil {
		return nil, err
	}
	return Values[T](t)
}

// find returns the number of the tensor of that name and shape.
func (f *File) find(name string, shape []int) (int, error) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return 0, errors.Wrapf(ErrMismatch, "safetensors: none of the file's %d tensors is named %q", len(f.Tensors),
			name)
	}
	if t := f.Tensors[i]; !slices.Equal(t.Shape, shape) {
		return 0, errors.Wrapf(ErrMismatch, "safetensors: tensor %q has shape %v, want %v", name, t.Shape, shape)
	}
	return i, nil
}

// readHeader returns the header of a file of size bytes.
func readHeader(r io.ReaderAt, size int64) ([]byte, error) {
	if size < 8 {
		return nil, errors.Wrapf(ErrFormat,
			"safetensors: the file has %d bytes, fewer than the 8 of the header's length", size)
	}
	var prefix [8]byte
	if err := readAt(r, prefix[:], 0); err != nil {
		return nil, errors.WithMessagef(err, "safetensors: header length")
	}
	switch n := binary.LittleEndian.Uint64(prefix[:]); {
	case n > uint64(size-8):
		return nil, errors.Wrapf(ErrFormat, "safetensors: the header claims %d bytes, but %d follow", n, size-8)
	case n > MaxHeader:
		return nil, errors.Wrapf(ErrFormat, "safetensors: the header has %d bytes, more than %d", n, MaxHeader)
	default:
		head := make([]byte, n)
		return head, errors.WithMessagef(readAt(r, head, 8), "safetensors: header")
	}
}

// readAt fills b from r at offset. A file that ends before is malformed.
func readAt(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF:
		return errors.Wrapf(ErrFormat, "the file ends at byte %d, before %d", offset+int64(n), offset+int64(len(b)))
	}
	return errors.Wrapf(err, "%d bytes at %d", len(b), offset)
}

// checkLayout sorts the entries by their data and checks that they fill size
// bytes without holes and without sharing a byte.
func checkLayout(entries []entry, size int64) error {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(a.hi, b.hi), cmp.Compare(a.Name, b.Name))
	})
	end := 0
	for i, e := range entries {
		switch {
		case e.lo < end:
			return errors.Wrapf(ErrFormat, "safetensors: tensor %q starts at byte %d, inside %q, which ends at %d",
				e.Name, e.lo, entries[i-1].Name, end)
		case e.lo > end:
			return errors.Wrapf(ErrFormat, "safetensors: tensor %q starts at byte %d and leaves a hole from %d", e.Name,
				e.lo, end)
		}
		end = e.hi
	}
	switch {
	case int64(end) > size:
		return errors.Wrapf(ErrFormat, "safetensors: the tensors take %d bytes, but %d follow the header", end, size)
	case int64(end) < size:
		return errors.Wrapf(ErrFormat, "safetensors: %d bytes follow the last tensor's", size-int64(end))
	}
	return nil
}
