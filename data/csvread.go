package data

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// A csvPlace is the place of a cell, for messages.
type csvPlace struct {
	line int // 0 is none
	text string
}

// note keeps the first place.
func (p *csvPlace) note(line int, text []byte) {
	if p.line == 0 {
		*p = csvPlace{line, string(text[:min(len(text), 60)])}
	}
}

// csvSeen says which kinds of cells a piece of a table has in a column.
type csvSeen struct {
	number, word, missing, infinite csvPlace // the first of each
	codes                           map[string]int
	words                           []csvPlace // the first of each, by code
}

// code returns the number of a text, in the order of their first cells.
func (s *csvSeen) code(line int, text []byte) int {
	if c, ok := s.codes[string(text)]; ok {
		return c
	}
	if s.codes == nil {
		s.codes = make(map[string]int)
	}
	word := string(text)
	s.codes[word] = len(s.words)
	s.words = append(s.words, csvPlace{line, word})
	return len(s.words) - 1
}

// A csvPiece is some lines of a table, and what is read of them. Missing cells are NaN, and
// texts are their codes.
type csvPiece struct {
	csvScanner
	x, y []float64 // what there is room for
	rows int
	seen []csvSeen
	err  error
}

// read reads the records that s has left, in pieces of about size bytes.
func (t *csvTable) read(s *csvScanner, size int) (*Set, error) {
	rest := s.b[s.at:]
	pieces := make([]csvPiece, 0, len(rest)/size+1)
	most, line, lo, n := []int{}, s.line, 0, 0
	for _, hi := range csvSplit(rest, size) {
		b := rest[lo:hi]
		lines := bytes.Count(b, []byte{'\n'})
		if b[len(b)-1] != '\n' {
			lines++
		}
		pieces = append(pieces, csvPiece{csvScanner: csvScanner{b: b, line: line, comma: s.comma,
			last: hi == len(rest)}})
		most = append(most, min(lines,
			(len(b)+1)/len(t.columns))) // records: a cell is a byte at least, with what ends it
		line, lo, n = line+lines, hi, n+most[len(most)-1]
	}
	if n > math.MaxInt32 {
		return nil, errors.Wrapf(ErrFormat, "%d samples, want fewer than 2³¹", n)
	}
	x, y := make([]float64, n*t.d), make([]float64, n*t.k)
	at := 0
	for i := range pieces {
		pieces[i].x, pieces[i].y = x[at*t.d:(at+most[i])*t.d], y[at*t.k:(at+most[i])*t.k]
		at += most[i]
	}
	pool := par.New(0)
	defer pool.Close()
	pool.Loop(len(pieces), 1, func(lo, hi int) {
		for i := range pieces[lo:hi] {
			p := &pieces[lo+i]
			p.seen = make([]csvSeen, len(t.columns))
			p.err = p.read(t)
		}
	}).Do()
	rows := 0
	for i := range pieces {
		p := &pieces[i]
		if p.err != nil {
			return nil, p.err
		}
		copyDown(x, p.x[:p.rows*t.d], rows*t.d)
		copyDown(y, p.y[:p.rows*t.k], rows*t.k)
		p.x, p.y = x[rows*t.d:(rows+p.rows)*t.d], y[rows*t.k:(rows+p.rows)*t.k]
		rows += p.rows
	}
	if rows == 0 {
		return nil, errors.Wrap(ErrFormat, "the table has no sample")
	}
	return t.set(pieces, x[:rows*t.d], y[:rows*t.k], rows)
}

// copyDown moves src, a part of x, to place at.
func copyDown(x, src []float64, at int) {
	if len(src) > 0 && &x[at] != &src[0] {
		copy(x[at:], src)
	}
}

// read reads the records of a piece.
func (p *csvPiece) read(t *csvTable) error {
	for p.more() {
		line, c := p.line, 0
		for end := false; !end; c++ {
			var err error
			if c >= len(t.columns) {
				_, end, err = p.cell()
			} else {
				end, err = p.one(t, c, line)
			}
			if err != nil {
				return errors.WithMessagef(err, "line %d, column %d%s", line, c+1, t.quoted(c))
			}
		}
		if c != len(t.columns) {
			return errors.Wrapf(ErrFormat, "line %d has %d cells, want %d, as the first line", line, c, len(t.columns))
		}
		p.rows++
	}
	return nil
}

// quoted returns the name of a column for a message.
func (t *csvTable) quoted(c int) string {
	if c >= len(t.columns) || t.cfg.NoHeader {
		return ""
	}
	return fmt.Sprintf(" (%q)", t.columns[c].name)
}

// one reads cell c of a record.
func (p *csvPiece) one(t *csvTable, c, line int) (end bool, err error) {
	column := &t.columns[c]
	if !column.words {
		if v, end, ok := p.number(); ok {
			p.seen[c].number.note(line, nil)
			p.store(t, column, v)
			return end, nil
		}
	}
	text, end, err := p.cell()
	if err != nil || column.role == csvDrop {
		return end, err
	}
	text = bytes.TrimSpace(text)
	seen := &p.seen[c]
	if t.isMissing(column.role, text) {
		seen.missing.note(line, text)
		p.store(t, column, math.NaN())
		return end, nil
	}
	if !column.words {
		v, err := parseNumber(text)
		if err == nil || v-v != 0 {
			seen.number.note(line, text)
			if v-v != 0 {
				seen.infinite.note(line, text)
			}
			p.store(t, column, v)
			return end, nil
		}
	}
	if !utf8.Valid(text) {
		return end, errors.Wrapf(ErrFormat, "the text %.40q is not UTF-8", text)
	}
	seen.word.note(line, text)
	p.store(t, column, float64(seen.code(line, text)))
	return end, nil
}

// store puts the number of a cell of the current row where it belongs. A row for which
// there is no room has too few cells, or one before it.
func (p *csvPiece) store(t *csvTable, c *csvColumn, v float64) {
	at, to := p.rows*t.d+c.slot, p.x
	if c.role != csvSample {
		at, to = p.rows*t.k+c.slot, p.y
	}
	if at < len(to) && c.role != csvDrop {
		to[at] = v
	}
}
