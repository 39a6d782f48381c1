package train

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/pkg/errors"
)

// A JSONL is a Hook that writes one flat JSON object a line: {"step", "epoch",
// "split", then the metrics by name}. The split is "train" for the metrics of a
// step and "test" for those of an evaluation; a metric that is not finite is
// null.
//
// A step's lines are written when the step is taken, so a killed run loses at
// most the last of them.
type JSONL struct {
	w     io.WriteCloser
	every int
	line  []byte
}

var (
	_ Hook     = (*JSONL)(nil)
	_ Finisher = (*JSONL)(nil)
)

// NewJSONL returns a log to the file at path, which it replaces. It has a line
// for each of every steps; 0 is 1. Evaluations are always logged.
func NewJSONL(path string, every int) (*JSONL, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, errors.Wrap(err, "train: log")
	}
	return &JSONL{w: f, every: max(every, 1)}, nil
}

// ResumeJSONL returns a log that goes on in the file at path after the given
// step: lines of later steps, which a run wrote after its last checkpoint, and what
// follows a line that is not whole, are taken out.
func ResumeJSONL(path string, every, step int) (*JSONL, error) {
	old, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return NewJSONL(path, every)
	}
	if err != nil {
		return nil, errors.Wrap(err, "train: log")
	}
	keep := 0
	for {
		line, _, whole := bytes.Cut(old[keep:], []byte("\n"))
		var at struct{ Step int }
		if !whole || json.Unmarshal(line, &at) != nil || at.Step > step {
			break
		}
		keep += len(line) + 1
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, errors.Wrap(err, "train: log")
	}
	if err := f.Truncate(int64(keep)); err != nil {
		return nil, errors.Wrapf(stop(f, err), "train: log %s", path)
	}
	if _, err := f.Seek(int64(keep), io.SeekStart); err != nil {
		return nil, errors.Wrapf(stop(f, err), "train: log %s", path)
	}
	return &JSONL{w: f, every: max(every, 1)}, nil
}

// stop closes f and returns the error that made us.
func stop(f *os.File, cause error) error {
	if err := f.Close(); err != nil {
		return errors.WithMessage(cause, err.Error())
	}
	return cause
}

// Step implements Hook.
func (l *JSONL) Step(e *Event) error {
	if e.Step%l.every == 0 || e.Step == 1 || e.Step == e.Loop.Steps {
		if err := l.write(e, "train", e.Train); err != nil {
			return err
		}
	}
	if e.Eval != nil {
		return l.write(e, "test", e.Eval)
	}
	return nil
}

// Finish implements Finisher: it closes the file.
func (l *JSONL) Finish(*Event, error) error { return errors.Wrap(l.w.Close(), "log") }

func (l *JSONL) write(e *Event, split string, metrics []Metric) error {
	b := append(l.line[:0], `{"step":`...)
	b = strconv.AppendInt(b, int64(e.Step), 10)
	b = append(b, `,"epoch":`...)
	b = strconv.AppendInt(b, int64(e.Epoch), 10)
	b = append(b, `,"split":`...)
	b = strconv.AppendQuote(b, split)
	for _, m := range metrics {
		b = append(b, ',')
		b = strconv.AppendQuote(b, m.Name)
		b = append(b, ':')
		b = appendNumber(b, m.Value)
	}
	l.line = append(b, "}\n"...)
	_, err := l.w.Write(l.line)
	return errors.Wrap(err, "log")
}

// appendNumber appends v as JSON, which has no NaN and no infinity.
func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}
