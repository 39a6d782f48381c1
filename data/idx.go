package data

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	stderrors "errors"
	"io"
	"math"
	"strings"

	"github.com/pkg/errors"
)

// ErrFormat reports a file that is not what it says it is. Test for it with
// errors.Is.
var ErrFormat = stderrors.New("data: bad file")

const (
	idxMaxDims = 8       // more than any file has
	idxMaxSize = 1 << 31 // bytes; EMNIST has 547 million
)

// The types of numbers of the IDX format, by their codes.
const (
	idxUint8   = 0x08
	idxInt8    = 0x09
	idxInt16   = 0x0b
	idxInt32   = 0x0c
	idxFloat32 = 0x0d
	idxFloat64 = 0x0e
)

// idxWidth returns the bytes of a number, 0 of an unknown type.
func idxWidth(kind byte) int {
	switch kind {
	case idxUint8, idxInt8:
		return 1
	case idxInt16:
		return 2
	case idxInt32, idxFloat32:
		return 4
	case idxFloat64:
		return 8
	}
	return 0
}

// ReadIDX reads an array of numbers from 0 to 255 in the IDX format, of any shape,
// plain or compressed by gzip:
//
//	0x00 0x00 type dims  size₁ … size_dims (big-endian uint32)  numbers, row-major and big-endian
//
// The type is that of unsigned bytes, 0x08, of signed ones, 0x09, of integers of 16
// or 32 bits, 0x0b and 0x0c, or of floats of 32 or 64, 0x0d and 0x0e. See ReadIDXAs
// for numbers that are no bytes.
//
// It trusts nothing that the file says of itself: memory grows with what is there, not
// with what is announced. Zeros that pad the compressed data are ignored.
//
// Errors: ErrFormat for another magic number or type, too many dimensions or bytes, fewer or more bytes than the
// sizes say, damaged compression, data after its end, a number that is not a byte; errors of r.
//
// Reference: LeCun, Cortes, Burges. The MNIST database of handwritten digits,
// section "File formats".
func ReadIDX(r io.Reader) (shape []int, pixels []byte, err error) { return ReadIDXAs[byte](r) }

// ReadIDXAs reads an array in the IDX format as numbers of type T, as ReadIDX does bytes. Numbers are never rounded.
// Errors: as ReadIDX, and ErrFormat for a number that a T cannot hold.
func ReadIDXAs[T uint8 | int | float32 | float64](r io.Reader) (shape []int, x []T, err error) {
	if r == nil {
		return nil, nil, errors.Wrap(ErrInput, "data: IDX: the reader is nil")
	}
	a, err := readIDX(r, -1)
	if err == nil {
		x, err = idxNumbers[T](a)
	}
	if err != nil {
		return nil, nil, errors.WithMessage(err, "data: IDX")
	}
	return a.shape, x, nil
}

// An idxArray is the content of a file.
type idxArray struct {
	kind  byte
	shape []int
	bytes []byte
}

// idxNumbers returns the numbers of a as numbers of type T.
func idxNumbers[T uint8 | int | float32 | float64](a idxArray) ([]T, error) {
	var zero T
	switch any(zero).(type) {
	case uint8:
		if a.kind == idxUint8 {
			return any(a.bytes).([]T), nil
		}
	}
	width := idxWidth(a.kind)
	x := make([]T, len(a.bytes)/width)
	for i := range x {
		v := idxNumber(a.kind, a.bytes[i*width:])
		x[i] = T(v)
		if float64(x[i]) != v && v == v || v != v && x[i] == x[i] { // NaN are no integers
			return nil, errors.Wrapf(ErrFormat, "number %d is %v, and no %T: read it by ReadIDXAs, as another type", i,
				v, zero)
		}
	}
	return x, nil
}

// idxNumber returns the number at the start of b. Each type's are float64 too.
func idxNumber(kind byte, b []byte) float64 {
	switch kind {
	case idxUint8:
		return float64(b[0])
	case idxInt8:
		return float64(int8(b[0]))
	case idxInt16:
		return float64(int16(binary.BigEndian.Uint16(b)))
	case idxInt32:
		return float64(int32(binary.BigEndian.Uint32(b)))
	case idxFloat32:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// readIDX reads a file of size bytes, −1 if that is not known.
func readIDX(r io.Reader, size int64) (idxArray, error) {
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(2)
	if err != nil && err != io.EOF {
		return idxArray{}, errors.WithStack(err)
	}
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return plainIDX(buffered, size)
	}
	z, err := newGunzip(buffered)
	if err != nil {
		return idxArray{}, err
	}
	return plainIDX(z, -1)
}

func plainIDX(r io.Reader, size int64) (a idxArray, err error) {
	magic := make([]byte, 4)
	if _, err := io.ReadFull(r, magic); err != nil {
		return a, broken(err)
	}
	width := idxWidth(magic[2])
	if magic[0] != 0 || magic[1] != 0 || width == 0 || magic[3] == 0 || magic[3] > idxMaxDims {
		return a, errors.Wrapf(ErrFormat,
			"magic number % x, want 00 00, a type of 08, 09, 0b, 0c, 0d or 0e, and 1 to %d dimensions%s", magic,
			idxMaxDims, looksLike(magic))
	}
	a.kind = magic[2]
	total := width
	for range magic[3] {
		var b [4]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return a, broken(err)
		}
		n := int64(binary.BigEndian.Uint32(b[:]))
		a.shape = append(a.shape, int(n))
		if n == 0 || int64(total) > idxMaxSize/n {
			return a, errors.Wrapf(ErrFormat,
				"sizes %v of numbers of %d bytes, want each at least 1 and at most %d bytes", a.shape, width,
				idxMaxSize)
		}
		total *= int(n)
	}
	if head := int64(4 + 4*len(a.shape)); size >= 0 && size != head+int64(total) {
		return a, errors.Wrapf(ErrFormat, "the file has %d bytes, and its sizes %v ask for %d", size, a.shape,
			head+int64(total))
	}
	if a.bytes, err = readExactly(r, total); err != nil {
		return a, errors.WithMessagef(err, "sizes %v", a.shape)
	}
	return a, nil
}

// looksLike says what a file is that is not in the IDX format.
func looksLike(magic []byte) string {
	switch {
	case magic[0] == 0x1f && magic[1] == 0x8b:
		return ": it is compressed twice"
	case magic[0] == '<':
		return ": it is a web page"
	case magic[0] == 'P' && magic[1] == 'K':
		return ": it is a zip archive"
	}
	return ""
}

// readExactly reads n bytes, after which r must end. Memory grows with what is there.
func readExactly(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, 0, min(n, 1<<12))
	for len(b) < n {
		if len(b) == cap(b) {
			b = append(make([]byte, 0, min(n, 4*cap(b))), b...)
		}
		got, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+got]
		switch {
		case err == io.EOF && len(b) < n:
			return nil, errors.Wrapf(ErrFormat, "%d bytes, want %d: the file ends too early", len(b), n)
		case err != nil && err != io.EOF:
			return nil, broken(err)
		}
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); {
	case err == nil:
		return nil, errors.Wrapf(ErrFormat, "more than %d bytes", n)
	case err != io.EOF:
		return nil, broken(err)
	}
	return b, nil
}

// broken wraps what a reader said about the content of a file in ErrFormat.
// Other errors, as those of a disk, stay as they are.
func broken(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil, stderrors.Is(err, ErrFormat):
		return err
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return errors.Wrap(ErrFormat, "the file ends too early")
	case stderrors.Is(err, gzip.ErrHeader), stderrors.Is(err, gzip.ErrChecksum), stderrors.As(err, &corrupt),
		strings.HasPrefix(err.Error(), "archive/tar:"): // not all of its errors are exported
		return errors.Wrap(ErrFormat, err.Error())
	}
	return errors.WithStack(err)
}
