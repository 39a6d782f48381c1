package data

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the digits
	"encoding/csv"
	"io"
	"strconv"

	"github.com/pkg/errors"
)

//go:embed digits.csv.gz
var digitsFile []byte

// Digits returns the 1,797 handwritten digits of the UCI repository, 1×8×8 with
// pixels 0, 1/16, …, 1, as a training set of 1,438 and a test set of 359: a fifth
// of each class, the same at every call. See AllDigits.
func Digits() (train, test *Set, err error) {
	all, err := AllDigits()
	if err != nil {
		return nil, nil, err
	}
	return all.Split(0.2, 0)
}

// AllDigits returns the digits in one set, in the order of the file.
//
// Source: Alpaydin, Kaynak. Optical Recognition of Handwritten Digits (its test
// part). UCI Machine Learning Repository 1998, doi:10.24432/C50P49. Licence: CC BY
// 4.0, creativecommons.org/licenses/by/4.0.
func AllDigits() (*Set, error) {
	pixels, labels, err := readDigits(digitsFile)
	if err != nil {
		return nil, errors.WithMessage(err, "data: digits")
	}
	return New(pixels, 1.0/16, []int{1, 8, 8}, labels, 10)
}

// readDigits reads lines of 64 pixels and a label.
func readDigits(gz []byte) (pixels []byte, labels []int, err error) {
	z, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	r := csv.NewReader(z)
	r.FieldsPerRecord, r.ReuseRecord = 65, true
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return pixels, labels, nil
		}
		if err != nil {
			return nil, nil, errors.WithStack(err)
		}
		for i, f := range fields {
			v, err := strconv.ParseUint(f, 10, 8)
			if err != nil {
				return nil, nil, errors.WithStack(err)
			}
			if i < 64 {
				pixels = append(pixels, byte(v))
			} else {
				labels = append(labels, int(v))
			}
		}
	}
}
