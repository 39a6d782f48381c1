package data

import (
	"bytes"
	_ "embed" // the irises
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

//go:embed iris.csv
var irisFile []byte

// irisTest are the test samples of Iris: the first 45 of the permutation of 150 that
// NumPy draws from seed 42, in ascending order.
var irisTest = []int{
	4, 9, 10, 11, 12, 15, 16, 18, 19, 22, 26, 27, 29, 30, 31, 32, 36, 42, 45, 51, 55, 56, 64,
	65, 68, 69, 73, 76, 78, 82, 85, 86, 104, 108, 110, 118, 127, 128, 131, 132, 141, 142, 143, 145, 146,
}

// Iris returns Fisher's irises as a training set of 105 and a test set of 45: those
// that scikit-learn's train_test_split makes with test_size 0.3 and random_state 42.
// Classes are not balanced in it: 31, 37, 37 and 19, 13, 13. See AllIris.
func Iris() (train, test *Set, err error) {
	all, err := AllIris()
	if err != nil {
		return nil, nil, err
	}
	var rest []int
	for i := range all.Len() {
		if !slices.Contains(irisTest, i) {
			rest = append(rest, i)
		}
	}
	if train, err = all.Subset(rest); err != nil {
		return nil, nil, err
	}
	test, err = all.Subset(irisTest)
	return train, test, err
}

// AllIris returns the 150 irises in one set, in the order of the file: 50 each of
// setosa, versicolor and virginica. A sample is the length and width of a sepal, then
// of a petal, in cm.
//
// Source: Fisher. The use of multiple measurements in taxonomic problems. Annals of
// Eugenics 7, 1936. The file is iris.csv of scikit-learn 1.2.1, SHA-256
// f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449, which agrees with the
// paper; that of the UCI repository, doi:10.24432/C56C76, differs in samples 34 and 37. Licence: CC BY 4.0,
// creativecommons.org/licenses/by/4.0.
func AllIris() (*Set, error) {
	x, labels, err := readIris(irisFile)
	if err != nil {
		return nil, errors.WithMessage(err, "data: iris")
	}
	return New(x, 1, []int{4}, labels, 3)
}

// readIris reads a heading and lines of four numbers and a class.
func readIris(file []byte) (x []float64, labels []int, err error) {
	r := csv.NewReader(bytes.NewReader(file))
	r.FieldsPerRecord, r.ReuseRecord = 5, true
	if _, err := r.Read(); err != nil {
		return nil, nil, errors.Wrap(err, "heading")
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return x, labels, nil
		}
		if err != nil {
			return nil, nil, errors.WithStack(err)
		}
		for _, f := range fields[:4] {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return nil, nil, errors.WithStack(err)
			}
			x = append(x, v)
		}
		y, err := strconv.Atoi(fields[4])
		if err != nil {
			return nil, nil, errors.WithStack(err)
		}
		labels = append(labels, y)
	}
}
