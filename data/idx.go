package data

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	stderrors "errors"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// ErrFormat reports a file that is not what it says it is. Test for it with
// errors.Is.
var ErrFormat = stderrors.New("data: bad file")

const (
	idxBytes   = 0x08    // the type code of unsigned bytes
	idxMaxDims = 8       // more than any file has
	idxMaxSize = 1 << 31 // bytes; MNIST has 47 million
)

// ReadIDX reads an array of bytes in the IDX format, of any shape, plain or
// compressed by gzip:
//
//	0x00 0x00 type dims  size₁ … size_dims (big-endian uint32)  bytes, row-major
//
// It trusts nothing that the file says of itself: memory grows with what is
// there, not with what is announced.
//
// Errors: ErrFormat for another magic number or type, too many dimensions or
// bytes, fewer or more bytes than the sizes say, damaged compression; r's own.
//
// Reference: LeCun, Cortes, Burges. The MNIST database of handwritten digits,
// section "File formats".
func ReadIDX(r io.Reader) (shape []int, pixels []byte, err error) {
	shape, pixels, err = readIDX(r)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "data: IDX")
	}
	return shape, pixels, nil
}

func readIDX(r io.Reader) ([]int, []byte, error) {
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(2)
	if err != nil && err != io.EOF {
		return nil, nil, errors.WithStack(err)
	}
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return plainIDX(buffered)
	}
	z, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, nil, broken(err)
	}
	return plainIDX(z)
}

func plainIDX(r io.Reader) ([]int, []byte, error) {
	magic := make([]byte, 4)
	if _, err := io.ReadFull(r, magic); err != nil {
		return nil, nil, broken(err)
	}
	if magic[0] != 0 || magic[1] != 0 || magic[2] != idxBytes || magic[3] == 0 || magic[3] > idxMaxDims {
		return nil, nil, errors.Wrapf(ErrFormat, "magic number % x, want 00 00 08 and 1 to %d dimensions", magic, idxMaxDims)
	}
	sizes := make([]byte, 4*int(magic[3]))
	if _, err := io.ReadFull(r, sizes); err != nil {
		return nil, nil, broken(err)
	}
	var shape []int
	total := 1
	for s := range slices.Chunk(sizes, 4) {
		n := int(s[0])<<24 | int(s[1])<<16 | int(s[2])<<8 | int(s[3])
		shape = append(shape, n)
		if n == 0 || total > idxMaxSize/n {
			return nil, nil, errors.Wrapf(ErrFormat, "sizes %v, want each at least 1 and a product of at most %d", shape, idxMaxSize)
		}
		total *= n
	}
	pixels, err := io.ReadAll(io.LimitReader(r, int64(total)+1))
	if err != nil {
		return nil, nil, broken(err)
	}
	if len(pixels) != total {
		return nil, nil, errors.Wrapf(ErrFormat, "%d bytes or more follow the sizes %v, want %d", len(pixels), shape, total)
	}
	return shape, pixels, nil
}

// broken wraps what a reader said about the content of a file in ErrFormat.
// Other errors, as those of a disk, stay as they are.
func broken(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil:
		return nil
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return errors.Wrap(ErrFormat, "the file ends too early")
	case stderrors.Is(err, gzip.ErrHeader), stderrors.Is(err, gzip.ErrChecksum), stderrors.As(err, &corrupt),
		strings.HasPrefix(err.Error(), "archive/tar:"): // not all of its errors are exported
		return errors.Wrap(ErrFormat, err.Error())
	}
	return errors.WithStack(err)
}
