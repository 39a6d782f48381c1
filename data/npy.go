package data

import (
	"fmt"
	"io"
	"slices"

	"github.com/pkg/errors"
)

// An Array is an array as NumPy saves it: numbers of one type, in any number of dimensions.
//
// ReadNPY, LoadNPY, ReadNPZ and LoadNPZ make one; [ArrayAs] returns its numbers, and
// [NewArrays] makes a Set of two.
type Array struct {
	dtype string
	shape []int
	x     arrayNumbers
}

// Shape returns the sizes, at least one; a size may be 0.
func (a *Array) Shape() []int {
	if a == nil {
		return nil
	}
	return slices.Clone(a.shape)
}

// Dtype returns NumPy's name for the type of the numbers: "uint8", "float64".
func (a *Array) Dtype() string {
	if a == nil {
		return ""
	}
	return a.dtype
}

// String says what the array is: "float64 [150 4]".
func (a *Array) String() string {
	if a == nil || a.x == nil {
		return "no array"
	}
	return fmt.Sprint(a.dtype, " ", a.shape)
}

// ReadNPY reads an array in the NPY format, as numpy.save writes it: versions 1 to 3 of it,
// row-major or Fortran order, little-endian or big-endian, of type bool, int8 to int64, uint8 to
// uint64, float16, float32 or float64. The result is row-major.
//
// It does not trust the file's header: memory grows with the bytes that are read, not with the size that is
// announced, and no code in a file is ever run.
//
// Errors, which say at which byte: [ErrFormat] for a file of another format, a header that cannot be read, fewer or
// more bytes than the header says, an array without dimensions, and other types: pickled objects, texts, dates,
// complex numbers, structures, long doubles; r's own.
//
// Reference: Kern. A simple file format for NumPy arrays. NumPy enhancement proposal 1, 2007;
// versions 2 and 3 in the documentation of numpy.lib.format.
func ReadNPY(r io.Reader) (*Array, error) {
	if r == nil {
		return nil, errors.Wrap(ErrInput, "data: NPY: the reader is nil")
	}
	a, err := readNPY(r, -1, maxArray)
	return a, errors.WithMessage(err, "data: NPY")
}

// LoadNPY reads the array in a file. See ReadNPY.
func LoadNPY(path string) (*Array, error) {
	a, err := loadNPY(path)
	return a, errors.WithMessage(err, "data: NPY")
}

func loadNPY(path string) (*Array, error) {
	f, size, err := openFile(path, maxArray)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := readNPY(f, size, maxArray)
	return a, errors.WithMessage(err, path)
}

// maxArray bounds an array, in bytes: it is more than any memory holds, and small enough for products of sizes not to
// overflow.
const maxArray = 1 << 46

// readNPY reads a file of size bytes, −1 if that is not known, whose numbers are to have no more than
// most bytes.
func readNPY(r io.Reader, size, most int64) (*Array, error) {
	at := &counted{r: r}
	h, err := readNPYHeader(at)
	if err != nil {
		return nil, err
	}
	want := int64(h.width) * int64(h.n)
	if want > most {
		return nil, errors.Wrapf(ErrFormat, "byte %d: the header says %s, which is %d bytes, want at most %d", at.n, h,
			want, most)
	}
	if rest := size - at.n; size >= 0 && rest != want {
		return nil, errors.Wrapf(ErrFormat, "byte %d: %d bytes follow the header, and it says %s, which is %d", at.n,
			rest, h, want)
	}
	a := &Array{dtype: h.name, shape: h.shape}
	if a.x, err = h.read(at, h, size >= 0); err != nil {
		return nil, err
	}
	if h.fortran && len(h.shape) > 1 {
		a.x = a.x.rowMajor(h.shape)
	}
	return a, nil
}

// counted counts the bytes that are read.
type counted struct {
	r io.Reader
	n int64
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// full fills b. The error says what was to be read, and where the file ends.
func (c *counted) full(b []byte, what string) error {
	switch _, err := io.ReadFull(c, b); err {
	case nil:
		return nil
	case io.EOF, io.ErrUnexpectedEOF:
		return errors.Wrapf(ErrFormat, "byte %d: the file ends within %s", c.n, what)
	default:
		return errors.WithMessagef(broken(err), "byte %d", c.n)
	}
}

// end reports what follows what was read.
func (c *counted) end(after fmt.Stringer) error {
	at := c.n
	switch _, err := io.ReadFull(c, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return errors.Wrapf(ErrFormat, "byte %d: the file goes on after %s: it is of one array alone", at, after)
	default:
		return errors.WithMessagef(broken(err), "byte %d", at)
	}
}
