package data

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// A Fill says what missing cells of a table are replaced by.
type Fill int

// The ways to fill.
const (
	FillNone   Fill = iota // a missing cell is an error
	FillMean               // the mean of the column, for categories the most frequent one, the first of equals
	FillMedian             // the median of the column, for categories as FillMean
	FillZero               // 0, for categories the first
)

// CSVConfig configures ReadCSV. The zero value reads a table with a header whose last
// column is the class.
//
// Columns are named by the header, or by their numbers from 1, "3", where no column has
// that name.
type CSVConfig struct {
	Label      string   // the column of the class; "" is the last
	Targets    []string // columns of numbers to predict, instead of a Label
	Unlabeled  bool     // there is no Label: every sample is of class 0
	Categories []string // columns of categories, also where their cells look like numbers
	Drop       []string // columns to leave out

	Comma    byte // between cells, ASCII; 0 is ','
	NoHeader bool // the first line is a sample

	Missing []string // cells that are missing, in any case of letters; nil is "", "?", "NA", "N/A", "NaN", "null"
	Fill    Fill     // what they become

	// Schema is that of the set that a model was trained on: columns are found by their
	// names, in any order, and get its categories, its fillings and its classes. Columns
	// that it lacks are left out; the label may be missing, but if Label is its name. Targets, Categories
	// and Drop are then its own, and those here are to be empty.
	Schema *Schema
}

// ReadCSV reads a table of comma-separated values: a sample a line, cells that may be
// quoted, lines that end in LF or CRLF, as encoding/csv reads them. A byte-order mark at
// the start, empty lines, and white space around numbers and names are ignored.
//
// A column is of numbers, or of categories if every cell is a text or the
// CSVConfig names it. Categories become 0, 1, … in the order of their texts, or of their
// values if all are whole numbers; so do classes. Set.Schema keeps their names. OneHot makes
// columns of 0 and 1 of them.
//
// Errors, which say the line, from 1, and the column: a text in a column of numbers; a cell
// that is missing, without Fill; "Inf"; a line with more or fewer cells than the first; text
// that is not UTF-8; quotes that do not fit (ErrFormat). Columns that are not there (ErrInput).
//
// Cost: lines are read by all cores, at some 200 MB/s each; memory is that of the text
// and 8 bytes a cell.
//
// Reference: Shafranovich. Common format and MIME type for comma-separated values files.
// RFC 4180, 2005.
func ReadCSV(r io.Reader, cfg CSVConfig) (*Set, error) {
	if r == nil {
		return nil, errors.Wrap(ErrInput, "data: CSV: the reader is nil")
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.Wrap(err, "data: CSV")
	}
	s, err := readCSV(text, cfg, csvChunk)
	return s, errors.WithMessage(err, "data: CSV")
}

// LoadCSV reads the table in a file. See ReadCSV.
func LoadCSV(path string, cfg CSVConfig) (*Set, error) {
	text, err := readRegular(path)
	if err != nil {
		return nil, errors.WithMessage(err, "data: CSV")
	}
	s, err := readCSV(text, cfg, csvChunk)
	return s, errors.WithMessagef(err, "data: CSV: %s", path)
}

// readRegular returns the content of a regular file: reading a pipe would wait for a writer.
func readRegular(path string) ([]byte, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, errors.WithStack(err)
	case !info.Mode().IsRegular():
		return nil, errors.Wrapf(ErrFormat, "%s is not a regular file", path)
	}
	b, err := os.ReadFile(path)
	return b, errors.WithStack(err)
}

// csvChunk is about how many bytes are read at a time.
const csvChunk = 2 << 20

func readCSV(text []byte, cfg CSVConfig, chunk int) (*Set, error) {
	if cfg.Comma == 0 {
		cfg.Comma = ','
	}
	if cfg.Comma >= utf8.RuneSelf || strings.IndexByte("\"\r\n", cfg.Comma) >= 0 {
		return nil, errors.Wrapf(ErrInput, "cells separated by %q, want an ASCII character that is no quote and no "+
			"end of line", cfg.Comma)
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, errors.Wrap(ErrFormat, "the text is UTF-16: save it as UTF-8")
	}
	s := &csvScanner{b: bytes.TrimPrefix(text, []byte("\ufeff")), comma: cfg.Comma, line: 1, last: true}
	start := *s
	first, err := s.record()
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, errors.Wrap(ErrFormat, "the table is empty")
	}
	names := make([]string, len(first))
	if cfg.NoHeader {
		*s = start
		for i := range names {
			names[i] = strconv.Itoa(i + 1)
		}
	} else if names, err = columnNames(first); err != nil {
		return nil, err
	}
	t, err := newTable(names, cfg)
	if err != nil {
		return nil, err
	}
	return t.read(s, chunk)
}

// columnNames returns the names of the columns.
func columnNames(first []string) ([]string, error) {
	names, numbers := make([]string, len(first)), 0
	for i, text := range first {
		if !utf8.ValidString(text) {
			return nil, errors.Wrapf(ErrFormat, "line 1, column %d: the name %q is not UTF-8", i+1, text)
		}
		names[i] = strings.TrimSpace(text)
		if _, err := strconv.ParseFloat(names[i], 64); err == nil && strings.ContainsAny(names[i], ".-") {
			numbers++
		}
	}
	if numbers == len(names) {
		return nil, errors.Wrapf(ErrFormat, "line 1 holds %s, numbers alone, and no names of columns: set NoHeader if "+
			"the table has no header", strings.Join(names[:min(3, len(names))], ", "))
	}
	return names, nil
}
