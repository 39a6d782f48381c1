package train

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/pkg/errors"
)

// A JSONL is a Hook that writes one flat JSON object a line: {"step", "epoch",
// "split", then the metrics by name}. The split is "train" for the metrics of a
// step and "test" for those of an evaluation; a metric that is not finite is
// null.
//
// A step's lines are written when the step is taken, so that a killed run loses at
// most the last of them, and are synced with each checkpoint.
type JSONL struct {
	Out io.Writer // where a message about lost lines is written; nil is os.Stderr

	log   *logFile
	every int
	line  []byte
	names map[string][]byte // as JSON
}

var (
	_ Hook     = (*JSONL)(nil)
	_ Finisher = (*JSONL)(nil)
	_ Syncer   = (*JSONL)(nil)
)

// NewJSONL returns a log to the file at path. A run from its first step on replaces
// the file; one that goes on from a checkpoint goes on in it, after the checkpoint's
// step. It has a line for each of every steps; 0 is 1. Evaluations are always logged.
func NewJSONL(path string, every int) (*JSONL, error) {
	log, err := openLog(path)
	return &JSONL{log: log, every: max(every, 1)}, err
}

// ResumeJSONL returns a log that goes on in the file at path after the given step: lines of later steps, which a run
// wrote after its last checkpoint, and everything after an incomplete line, are removed at once. If lines up to that
// step are missing, a message is written at the next step.
func ResumeJSONL(path string, every, step int) (*JSONL, error) {
	l, err := NewJSONL(path, every)
	if err != nil {
		return nil, err
	}
	if err := l.log.begin(step, l.keep); err != nil {
		return nil, errors.WithMessage(cmp.Or(err, l.log.finish()), "train")
	}
	return l, nil
}

// keep is the keeper of JSON lines.
func (l *JSONL) keep(text []byte, step int) (kept, last, every int, err error) {
	every = l.every
	for n := 1; ; n++ {
		line, _, whole := bytes.Cut(text[kept:], []byte("\n"))
		var at struct {
			Step  *int
			Split string
		}
		bad := json.Unmarshal(line, &at) != nil || at.Step == nil
		if whole && bad && n == 1 {
			return 0, 0, 0,
				errors.Errorf(
					"its first line is %.60q, and not one of a log: give the log another path, or take the file away",
					line)
		}
		if !whole || bad || *at.Step > step {
			return kept, last, every, nil
		}
		if kept += len(line) + 1; at.Split == "train" {
			if last > 1 {
				every = max(*at.Step-last, 1)
			}
			last = *at.Step
		}
	}
}

// Step implements Hook.
func (l *JSONL) Step(e *Event) error {
	if err := cmp.Or(l.usable(), e.check(false)); err != nil {
		return errors.WithMessage(err, "log")
	}
	if !l.log.begun {
		if err := l.log.begin(e.Step-1, l.keep); err != nil {
			return err
		}
	}
	l.log.said = l.Out
	l.log.tellGap()
	if e.Step%l.every == 0 || e.Step == 1 || e.Step == e.total() {
		if err := l.write(e, "train", e.Train); err != nil {
			return err
		}
	}
	if e.Eval != nil {
		return l.write(e, "test", e.Eval)
	}
	return nil
}

// usable reports a log that was not made by [NewJSONL] or [ResumeJSONL].
func (l *JSONL) usable() error {
	if l == nil || l.log == nil {
		return errors.New("this JSONL has no file: make it with NewJSONL")
	}
	return nil
}

// Sync implements Syncer.
func (l *JSONL) Sync() error {
	if l == nil {
		return nil
	}
	return l.log.Sync()
}

// Finish implements Finisher: it closes the file.
func (l *JSONL) Finish(*Event, error) error {
	if l == nil || l.log == nil {
		return nil
	}
	l.log.said = l.Out
	return l.log.finish()
}

func (l *JSONL) write(e *Event, split string, metrics []Metric) error {
	b := append(l.line[:0], `{"step":`...)
	b = strconv.AppendInt(b, int64(e.Step), 10)
	b = append(b, `,"epoch":`...)
	b = strconv.AppendInt(b, int64(e.Epoch), 10)
	b = append(b, `,"split":"`...)
	b = append(append(b, split...), '"')
	for _, m := range metrics {
		name, err := l.quoted(m.Name)
		if err != nil {
			return err
		}
		b = append(append(append(b, ','), name...), ':')
		b = appendNumber(b, m.Value)
	}
	l.line = append(b, "}\n"...)
	_, err := l.log.Write(l.line)
	return err
}

// quoted returns a name as JSON has it.
func (l *JSONL) quoted(name string) ([]byte, error) {
	if text, ok := l.names[name]; ok {
		return text, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(name); err != nil {
		return nil, errors.Wrap(err, "log")
	}
	if l.names == nil {
		l.names = make(map[string][]byte)
	}
	l.names[name] = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return l.names[name], nil
}

// appendNumber appends v as JSON, which has no NaN and no infinity.
func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}
