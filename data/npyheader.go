package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// The header of an NPY file is read here and not by package npyio: of codeberg.org/sbinet/npyio,
// version 0.14.0, a header without a line end, or whose keys stand in another order, panics; a header
// that announces 2 GB has them allocated; and a file that ends early is read as whole.

const (
	npyMagic   = "\x93NUMPY"
	npyMaxHead = 1 << 16 // bytes of a header; NumPy reads 10,000
	npyMaxDims = 64      // NumPy's own limit
)

// An npyHeader is the header of an NPY file.
type npyHeader struct {
	npyType
	big, fortran bool
	shape        []int
	n            int // numbers in all
}

// String says what the array is.
func (h npyHeader) String() string { return fmt.Sprint(h.name, " ", h.shape) }

// readNPYHeader reads the header, and the magic number, the version and the length before it.
func readNPYHeader(r *counted) (h npyHeader, err error) {
	var head [12]byte
	if err := r.full(head[:8], "the magic number"); err != nil {
		return h, err
	}
	if string(head[:6]) != npyMagic {
		return h, errors.Wrapf(ErrFormat, "byte 0: it begins with %q, want %q%s", head[:6], npyMagic,
			unlikeNPY(head[:]))
	}
	width := 4 // of the length
	switch head[6] {
	case 1:
		width = 2
	case 2, 3:
	default:
		return h, errors.Wrapf(ErrFormat, "byte 6: version %d of the format, want 1, 2 or 3", head[6])
	}
	if err := r.full(head[8:8+width], "the length of the header"); err != nil {
		return h, err
	}
	n := binary.LittleEndian.Uint32(head[8:]) // the rest of it is 0 in version 1
	if n > npyMaxHead {
		return h, errors.Wrapf(ErrFormat, "byte 8: a header of %d bytes, want at most %d", n, npyMaxHead)
	}
	text := make([]byte, n)
	start := int(r.n)
	if err := r.full(text, "the header"); err != nil {
		return h, err
	}
	p := pyReader{s: string(text)}
	if err := p.header(&h); err != nil {
		return h, errors.WithMessagef(err, "byte %d", start+p.at)
	}
	return h, nil
}

// unlikeNPY says what a file is that is not in the NPY format.
func unlikeNPY(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("PK")):
		return ": it is a zip archive, which LoadNPZ reads"
	case head[0] == 0x1f && head[1] == 0x8b:
		return ": it is compressed by gzip"
	case head[0] == 0x80:
		return ": it is a pickled object, which is a program to run: save numbers by numpy.save"
	}
	return looksLike(head)
}

// A pyReader reads a dictionary as Python writes it.
type pyReader struct {
	s  string
	at int
}

// header reads the header.
func (p *pyReader) header(h *npyHeader) error {
	seen := make(map[string]bool)
	if err := p.want('{'); err != nil {
		return err
	}
	for !p.skip('}') {
		key, err := p.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return errors.Wrapf(ErrFormat, "the header says %q twice", key)
		}
		seen[key] = true
		if err := p.want(':'); err != nil {
			return err
		}
		p.space()
		switch key {
		case "descr":
			err = p.descr(h)
		case "fortran_order":
			h.fortran, err = p.boolean()
		case "shape":
			h.shape, err = p.shape()
		default:
			err = errors.Wrapf(ErrFormat, "the header says %q, want descr, fortran_order and shape", key)
		}
		if err != nil {
			return err
		}
		if !p.skip(',') && p.peek() != '}' {
			return p.expected("',' or '}'")
		}
	}
	if p.space(); p.at != len(p.s) {
		return p.expected("the end of the header")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return errors.Wrapf(ErrFormat, "the header does not say %q", key)
		}
	}
	return h.count()
}

// count checks the sizes.
func (h *npyHeader) count() error {
	if len(h.shape) == 0 {
		return errors.Wrap(ErrFormat, "an array without dimensions, one number alone: want one dimension at least, "+
			"as x.reshape(1) has it")
	}
	if len(h.shape) > npyMaxDims {
		return errors.Wrapf(ErrFormat, "an array of %d dimensions, want at most %d", len(h.shape), npyMaxDims)
	}
	h.n = 1
	for _, size := range h.shape {
		if size > 0 && int64(h.n) > maxArray/int64(h.width)/int64(size) {
			return errors.Wrapf(ErrFormat, "the shape %v of %s, want at most 2⁴⁶ bytes", h.shape, h.name)
		}
		h.n *= size
	}
	return nil
}

// descr reads the type of the numbers.
func (p *pyReader) descr(h *npyHeader) error {
	if p.peek() == '[' || p.peek() == '(' {
		return errors.Wrap(ErrFormat, "an array of structures: save each of its fields, as x[\"name\"] has it")
	}
	at := p.at
	text, err := p.text()
	if err != nil {
		return err
	}
	if h.npyType, h.big, err = npyTypeOf(text); err != nil {
		p.at = at
	}
	return err
}

// shape reads a tuple of sizes.
func (p *pyReader) shape() (shape []int, err error) {
	if err := p.want('('); err != nil {
		return nil, err
	}
	for !p.skip(')') {
		lo := p.at
		for p.at < len(p.s) && p.s[p.at] >= '0' && p.s[p.at] <= '9' {
			p.at++
		}
		n, err := strconv.ParseInt(p.s[lo:p.at], 10, 64)
		if err != nil || n > maxArray {
			p.at = lo
			return nil, p.expected("a size below 2⁴⁶")
		}
		shape = append(shape, int(n))
		p.skip('L') // of Python 2
		if !p.skip(',') && p.peek() != ')' {
			return nil, p.expected("',' or ')'")
		}
		p.space()
	}
	return shape, nil
}

func (p *pyReader) boolean() (bool, error) {
	for text, v := range map[string]bool{"True": true, "False": false} {
		if strings.HasPrefix(p.s[p.at:], text) {
			p.at += len(text)
			return v, nil
		}
	}
	return false, p.expected("True or False")
}

// text reads a text in quotes, without escapes: types and keys have none.
func (p *pyReader) text() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.expected("a text in quotes")
	}
	n := strings.IndexByte(p.s[p.at+1:], quote)
	if n < 0 {
		return "", p.expected("a text in quotes that ends")
	}
	text := p.s[p.at+1 : p.at+1+n]
	p.at += n + 2
	return text, nil
}

func (p *pyReader) space() {
	for p.at < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.at]) >= 0 {
		p.at++
	}
}

// peek returns the next character that is not a space, 0 at the end.
func (p *pyReader) peek() byte {
	if p.space(); p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

// skip goes past a character if it is next.
func (p *pyReader) skip(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

func (p *pyReader) want(c byte) error {
	if !p.skip(c) {
		return p.expected(strconv.QuoteRune(rune(c)))
	}
	return nil
}

func (p *pyReader) expected(what string) error {
	rest := p.s[min(p.at, len(p.s)):]
	return errors.Wrapf(ErrFormat, "the header goes on with %q, want %s", rest[:min(len(rest), 20)], what)
}
