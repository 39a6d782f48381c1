package safetensors

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// An entry is what the header says of one tensor: all but its data, which lie in
// the bytes from lo to hi of the buffer.
type entry struct {
	Tensor
	lo, hi int
}

// parseHeader returns the text of the header, in a File, and its tensors.
func parseHeader(b []byte) (f *File, entries []entry, err error) {
	p := &parser{b: b}
	switch {
	case !utf8.Valid(b):
		return nil, nil, errors.Wrapf(ErrFormat, "safetensors: the header is not UTF-8 text")
	case len(b) == 0 || b[0] != '{':
		return nil, nil, errors.Wrapf(ErrFormat, "safetensors: the header does not start with {")
	}
	f = &File{}
	err = p.object(func(name string) (err error) {
		if name == metadata {
			f.Meta, err = p.text()
			return err
		}
		e, err := p.entry(name)
		entries = append(entries, e)
		return errors.WithMessagef(err, "tensor %.80q", name)
	})
	if c := p.next(); err == nil && p.i < len(b) {
		err = p.errorf("%q after the last }", c)
	}
	return f, entries, errors.WithMessagef(err, "safetensors: header")
}

// A parser reads the JSON of a header from b, at byte i. It knows the few forms
// that a header has, each to a fixed depth.
type parser struct {
	b []byte
	i int
}

// text parses an object of strings.
func (p *parser) text() (map[string]string, error) {
	text := map[string]string{}
	err := p.object(func(key string) (err error) {
		text[key], err = p.string()
		return err
	})
	return text, errors.WithMessagef(err, "%s", metadata)
}

// entry parses what the header says of the tensor of that name, and checks that its dtype and shape take as many
// bytes as its offsets give. For an unknown dtype it accepts the size that the offsets give: reading that tensor is
// an error, but the others can be read.
func (p *parser) entry(name string) (entry, error) {
	e := entry{Tensor: Tensor{Name: name}}
	var offsets []int
	err := p.object(func(key string) (err error) {
		switch key {
		case "dtype":
			var s string
			s, err = p.string()
			e.DType = DType(s)
		case "shape":
			e.Shape, err = p.ints(MaxRank)
		case "data_offsets":
			offsets, err = p.ints(2)
		default:
			err = p.errorf("field %.40q is unknown", key)
		}
		return err
	})
	switch {
	case err != nil:
		return e, err
	case e.DType == "" || e.Shape == nil || offsets == nil:
		return e, errors.Wrapf(ErrFormat, "dtype, shape or data_offsets is missing")
	case len(offsets) != 2:
		return e, errors.Wrapf(ErrFormat, "data_offsets has %d numbers, want 2", len(offsets))
	}
	e.lo, e.hi = offsets[0], offsets[1]
	if e.lo > e.hi {
		return e, errors.Wrapf(ErrFormat, "data_offsets run backwards, from %d to %d", e.lo, e.hi)
	}
	switch size, err := e.size(); {
	case e.DType.Bits() == 0:
		return e, nil
	case err != nil:
		return e, errors.Wrapf(ErrFormat, "%v", err)
	case size != e.hi-e.lo:
		return e, errors.Wrapf(ErrFormat, "%s of shape %v takes %d bytes, but data_offsets give %d", e.DType, e.Shape,
			size, e.hi-e.lo)
	}
	return e, nil
}

// object parses an object, calling value at the value of each key.
func (p *parser) object(value func(key string) error) error {
	if err := p.expect('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	if p.next() == '}' {
		p.i++
		return nil
	}
	for {
		key, err := p.string()
		if err != nil {
			return err
		}
		if seen[key] {
			return p.errorf("the name %.80q is there twice", key)
		}
		seen[key] = true
		if err := p.expect(':'); err != nil {
			return err
		}
		if err := value(key); err != nil {
			return err
		}
		if p.next() == '}' {
			p.i++
			return nil
		}
		if err := p.expect(','); err != nil {
			return err
		}
	}
}

// ints parses an array of at most limit whole numbers from 0 up; it is not nil.
func (p *parser) ints(limit int) ([]int, error) {
	if err := p.expect('['); err != nil {
		return nil, err
	}
	v := []int{}
	if p.next() == ']' {
		p.i++
		return v, nil
	}
	for {
		x, err := p.int()
		if err != nil {
			return nil, err
		}
		if v = append(v, x); len(v) > limit {
			return nil, p.errorf("more than %d numbers", limit)
		}
		if p.next() == ']' {
			p.i++
			return v, nil
		}
		if err := p.expect(','); err != nil {
			return nil, err
		}
	}
}

// int parses a whole number from 0 up.
func (p *parser) int() (int, error) {
	p.next()
	lo := p.i
	for p.i < len(p.b) && bytes.IndexByte([]byte("+-.0123456789eE"), p.b[p.i]) >= 0 {
		p.i++
	}
	token := string(p.b[lo:p.i])
	x, err := strconv.ParseUint(token, 10, strconv.IntSize-1)
	if err != nil || (token[0] == '0' && len(token) > 1) {
		return 0, p.errorf("%.40q is not a whole number from 0 to %d", token, uint64(1)<<(strconv.IntSize-1)-1)
	}
	return int(x), nil
}

// string parses a string.
func (p *parser) string() (s string, err error) {
	if err := p.expect('"'); err != nil {
		return "", err
	}
	lo := p.i - 1
	for p.i < len(p.b) && p.b[p.i] != '"' {
		if p.b[p.i] == '\\' {
			p.i++
		}
		p.i++
	}
	if p.i >= len(p.b) {
		return "", p.errorf("a string has no end")
	}
	p.i++
	if err := json.Unmarshal(p.b[lo:p.i], &s); err != nil {
		return "", p.errorf("%v", err)
	}
	return s, nil
}

// expect skips white space and the byte c after it.
func (p *parser) expect(c byte) error {
	if got := p.next(); got != c {
		if got == 0 {
			return p.errorf("ends where %c should be", c)
		}
		return p.errorf("%q where %c should be", got, c)
	}
	p.i++
	return nil
}

// next skips white space and returns the byte after it, 0 at the end.
func (p *parser) next() byte {
	for p.i < len(p.b) && bytes.IndexByte([]byte(" \t\r\n"), p.b[p.i]) >= 0 {
		p.i++
	}
	if p.i >= len(p.b) {
		return 0
	}
	return p.b[p.i]
}

// errorf returns an ErrFormat that says where the parser is.
func (p *parser) errorf(format string, args ...any) error {
	return errors.WithMessagef(errors.Wrapf(ErrFormat, format, args...), "byte %d", p.i)
}
