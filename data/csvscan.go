package data

import (
	"bytes"
	"strconv"

	"github.com/pkg/errors"
)

// A csvScanner reads the cells of b as encoding/csv does.
type csvScanner struct {
	b     []byte
	at    int
	line  int  // of the byte at, from 1
	last  bool // b ends the table
	comma byte

	scratch []byte
}

// more skips empty lines, and reports whether there is another record.
func (s *csvScanner) more() bool {
	for s.at < len(s.b) {
		n := s.eol(s.at)
		if n == 0 {
			return true
		}
		s.at += n
		s.line++
	}
	return false
}

// eol returns the length of the end of line at byte i, 0 if there is none: LF, CRLF, or CR at
// the end of the table.
func (s *csvScanner) eol(i int) int {
	switch {
	case s.b[i] == '\n':
		return 1
	case s.b[i] != '\r':
		return 0
	case i+1 < len(s.b) && s.b[i+1] == '\n':
		return 2
	case i+1 == len(s.b) && s.last:
		return 1
	}
	return 0
}

// record returns copies of the cells of the next record, none at the end.
func (s *csvScanner) record() (cells []string, err error) {
	if !s.more() {
		return nil, nil
	}
	for end := false; !end; {
		var text []byte
		if text, end, err = s.cell(); err != nil {
			return nil, errors.WithMessagef(err, "line %d, column %d", s.line, len(cells)+1)
		}
		cells = append(cells, string(text))
	}
	return cells, nil
}

// cell returns the text of the next cell, which lasts until the next call, and whether it
// ends the record. It goes to what comes after it.
func (s *csvScanner) cell() (text []byte, end bool, err error) {
	if s.at < len(s.b) && s.b[s.at] == '"' {
		return s.quoted()
	}
	rest := s.b[s.at:]
	n, quote := 0, false
	for n < len(rest) && rest[n] != s.comma && rest[n] != '\n' {
		quote = quote || rest[n] == '"'
		n++
	}
	if quote {
		return nil, false, errors.Wrapf(ErrFormat, "a quote in the cell %.40q, which does not begin with one", rest[:n])
	}
	text = rest[:n]
	if n < len(rest) && rest[n] == s.comma {
		s.at += n + 1
		return text, false, nil
	}
	if (n < len(rest) || s.last) && n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	if n < len(rest) {
		n++
	}
	s.at += n
	s.line++
	return text, true, nil
}

// quoted is cell where that begins with a quote.
func (s *csvScanner) quoted() (text []byte, end bool, err error) {
	s.scratch = s.scratch[:0]
	lines := 0
	for i := s.at + 1; ; {
		n := bytes.IndexByte(s.b[i:], '"')
		if n < 0 {
			return nil, false, errors.Wrapf(ErrFormat, "the quote at the start of the cell %q is not closed",
				excerpt(s.b[s.at:]))
		}
		part := s.b[i : i+n]
		lines += bytes.Count(part, []byte{'\n'})
		s.scratch = append(s.scratch, part...)
		i += n + 1
		switch {
		case i < len(s.b) && s.b[i] == '"':
			s.scratch = append(s.scratch, '"')
			i++
			continue
		case i == len(s.b):
			end = true
		case s.b[i] == s.comma:
			i++
		case s.eol(i) > 0:
			i, end = i+s.eol(i), true
		default:
			return nil, false, errors.Wrapf(ErrFormat,
				"%q after the closing quote of a cell: quotes within are to be doubled", excerpt(s.b[i:]))
		}
		s.at, s.line = i, s.line+lines
		if end {
			s.line++
		}
		if bytes.IndexByte(s.scratch, '\r') >= 0 {
			return bytes.ReplaceAll(s.scratch, []byte("\r\n"), []byte("\n")), end, nil
		}
		return s.scratch, end, nil
	}
}

// excerpt returns the start of b, for a message: of its first line.
func excerpt(b []byte) []byte {
	b = b[:min(len(b), 40)]
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i]
	}
	return b
}

// number reads the next cell if it is a plain decimal number, exactly; otherwise it returns false and reads nothing.
func (s *csvScanner) number() (v float64, end, ok bool) {
	b, i := s.b, s.at
	negative := i < len(b) && b[i] == '-'
	if negative {
		i++
	}
	var m uint64
	digits, after := 0, 0 // in all, and behind the point
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		m = m*10 + uint64(b[i]-'0')
		digits++
	}
	if i < len(b) && b[i] == '.' {
		lo := i + 1
		for i++; i < len(b) && b[i]-'0' <= 9; i++ {
			m = m*10 + uint64(b[i]-'0')
		}
		after = i - lo
		digits += after
	}
	// Two exact numbers and one rounding: Clinger. How to read floating point numbers accurately. PLDI 1990.
	if digits == 0 || digits > 18 || m >= 1<<53 || i >= len(b) {
		return 0, false, false
	}
	switch {
	case b[i] == s.comma:
		i++
	case b[i] == '\n':
		i, end = i+1, true
	case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		i, end = i+2, true
	default:
		return 0, false, false
	}
	v = float64(m)
	if after > 0 {
		v /= tens[after]
	}
	if negative {
		v = -v
	}
	s.at = i
	if end {
		s.line++
	}
	return v, end, true
}

// tens are the powers of 10, each exact.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18}

// parseNumber returns the number in a cell, as strconv has it.
func parseNumber(text []byte) (float64, error) {
	v, err := strconv.ParseFloat(string(text), 64) // which takes no memory
	if err != nil {
		return v, errors.WithStack(err)
	}
	return v, nil
}

// csvSplit cuts b into pieces of about size bytes that end at ends of lines, those within quotes aside: where an even
// number of quotes lies before. If quotes are unbalanced, everything before the first wrong quote is still cut
// correctly.
func csvSplit(b []byte, size int) (ends []int) {
	for lo := 0; lo < len(b); {
		hi := min(lo+size, len(b))
		inside := bytes.Count(b[lo:hi], []byte{'"'})%2 == 1
		for hi < len(b) {
			n := bytes.IndexByte(b[hi:], '\n')
			if n < 0 {
				hi = len(b)
				break
			}
			inside = inside != (bytes.Count(b[hi:hi+n], []byte{'"'})%2 == 1)
			if hi += n + 1; !inside {
				break
			}
		}
		ends = append(ends, hi)
		lo = hi
	}
	return ends
}
