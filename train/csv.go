package train

import (
	"os"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// A CSV is a Hook that writes the training metrics of each step as a row, with
// the names of the first step as the header.
type CSV struct {
	f     *os.File
	names []string
	line  []byte
}

var (
	_ Hook     = (*CSV)(nil)
	_ Finisher = (*CSV)(nil)
)

// NewCSV returns a log to the file at path, which it replaces.
func NewCSV(path string) (*CSV, error) {
	f, err := os.Create(path)
	return &CSV{f: f}, errors.Wrap(err, "train: log")
}

// Step implements Hook. A step with other metrics than the first is an error.
func (l *CSV) Step(e *Event) error {
	b := l.line[:0]
	if l.names == nil {
		b = append(b, "step,epoch"...)
		for _, m := range e.Train {
			l.names = append(l.names, m.Name)
			b = append(append(b, ','), m.Name...)
		}
		b = append(b, '\n')
	}
	if !slices.EqualFunc(l.names, e.Train, func(name string, m Metric) bool { return name == m.Name }) {
		return errors.Errorf("log: step %d has %d metrics, the header %q", e.Step, len(e.Train), l.names)
	}
	b = strconv.AppendInt(b, int64(e.Step), 10)
	b = strconv.AppendInt(append(b, ','), int64(e.Epoch), 10)
	for _, m := range e.Train {
		b = strconv.AppendFloat(append(b, ','), m.Value, 'g', -1, 64)
	}
	l.line = append(b, '\n')
	_, err := l.f.Write(l.line)
	return errors.Wrap(err, "log")
}

// Finish implements Finisher: it closes the file.
func (l *CSV) Finish(*Event, error) error { return errors.Wrap(l.f.Close(), "log") }
