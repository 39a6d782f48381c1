package train

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/whitebox-nn/whitebox/data"
)

// sampleWords is what the number of a row of the batch follows in the message of an op
// that refuses a label.
const sampleWords = "the label of sample "

// ofSample returns the error of the batch that begins at a position with the number of
// the sample in its data set in the place of its row in the batch, if err is about a
// label and the source knows.
func (l *Loop) ofSample(at data.Position, err error) error {
	source, ok := l.source().(data.Indexer)
	before, rest, found := strings.Cut(err.Error(), sampleWords)
	if !ok || !found {
		return err
	}
	digits, after, _ := strings.Cut(rest, " ")
	row, e := strconv.Atoi(digits)
	if e != nil {
		return err
	}
	i := source.SampleAt(at, row)
	if i < 0 {
		return err
	}
	return &ofSample{fmt.Sprintf("%s%s%d of the data set %s", before, sampleWords, i, after), err}
}

// ofSample is an error with another text.
type ofSample struct {
	text string
	err  error
}

// Error returns the words.
func (e *ofSample) Error() string { return e.text }

// Unwrap returns the error.
func (e *ofSample) Unwrap() error { return e.err }
