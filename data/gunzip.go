package data

import (
	"bufio"
	"compress/gzip"
	"io"

	"github.com/pkg/errors"
)

// A gunzip reads what gzip compressed, in one part or several. Zeros after the last
// part are padding, as those of a tape, and anything else is an error: gzip(1) does
// the same.
type gunzip struct {
	src *bufio.Reader
	z   *gzip.Reader
}

func newGunzip(r io.Reader) (*gunzip, error) {
	g := &gunzip{src: bufio.NewReader(r)}
	var err error
	if g.z, err = gzip.NewReader(g.src); err != nil {
		return nil, broken(err)
	}
	g.z.Multistream(false)
	return g, nil
}

// Read implements io.Reader. Its errors are of the content (ErrFormat) or of the
// source.
func (g *gunzip) Read(b []byte) (int, error) {
	for {
		n, err := g.z.Read(b)
		if err != io.EOF {
			return n, broken(err)
		}
		if n > 0 {
			return n, nil
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

// next goes to the next part. Without one it returns io.EOF.
func (g *gunzip) next() error {
	for padding := false; ; padding = true {
		c, err := g.src.ReadByte()
		switch {
		case err == io.EOF:
			return io.EOF
		case err != nil:
			return errors.WithStack(err)
		case c == 0:
			continue
		case c != 0x1f || padding:
			return errors.Wrapf(ErrFormat, "byte %#02x after the compressed data, want their end, or zeros", c)
		}
		if err := g.src.UnreadByte(); err != nil {
			return errors.WithStack(err)
		}
		if err := g.z.Reset(g.src); err != nil {
			return errors.WithMessage(broken(err), "after the compressed data")
		}
		g.z.Multistream(false)
		return nil
	}
}
