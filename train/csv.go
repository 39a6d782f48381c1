package train

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// A CSV is a Hook that writes a row for each step: the step, the epoch, the metrics of the batch, and those of the
// evaluation after it, if there was one, else nothing. A metric that first appears during the run gets a new column,
// empty in earlier rows: the file is rewritten for it, as it is after the first evaluation.
type CSV struct {
	Out io.Writer // where a message about lost rows is written; nil is os.Stderr

	log   *logFile
	names []string // of the columns after step and epoch
	row   []string
}

var (
	_ Hook     = (*CSV)(nil)
	_ Finisher = (*CSV)(nil)
	_ Syncer   = (*CSV)(nil)
)

// NewCSV returns a log to the file at path. A run from its first step on replaces the
// file; one that goes on from a checkpoint goes on in it, after the checkpoint's step.
func NewCSV(path string) (*CSV, error) {
	log, err := openLog(path)
	return &CSV{log: log}, err
}

// ResumeCSV returns a log that goes on in the file at path after the given step: rows of later steps, and what
// follows a row that is not whole, are taken out at once. If rows up to that step are missing, a message is written
// at the next step.
func ResumeCSV(path string, step int) (*CSV, error) {
	l, err := NewCSV(path)
	if err != nil {
		return nil, err
	}
	if err := l.log.begin(step, l.keep); err != nil {
		return nil, errors.WithMessage(cmp.Or(err, l.log.finish()), "train")
	}
	return l, nil
}

// keep is the keeper of rows. It takes over the columns.
func (l *CSV) keep(text []byte, step int) (kept, last, every int, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	for n := 1; ; n++ {
		row, err := r.Read()
		end := int(r.InputOffset())
		whole := err == nil && end > 0 && text[end-1] == '\n'
		if n == 1 {
			if whole && (len(row) < 2 || row[0] != "step" || row[1] != "epoch") {
				return 0, 0, 0,
					errors.Errorf("its first row is %.60q, and not that of a log: give the log another path, or "+
						"take the file away", row)
			}
			if !whole {
				return 0, 0, 1, nil
			}
			l.names, kept = slices.Clone(row[2:]), end
			continue
		}
		if !whole {
			return kept, last, 1, nil
		}
		at, err := strconv.Atoi(row[0])
		if err != nil || at > step {
			return kept, last, 1, nil
		}
		kept, last = end, at
	}
}

// Step implements Hook.
func (l *CSV) Step(e *Event) error {
	if l == nil || l.log == nil {
		return errors.New("log: this CSV has no file: make it with NewCSV")
	}
	if err := e.check(false); err != nil {
		return errors.WithMessage(err, "log")
	}
	if !l.log.begun {
		if err := l.log.begin(e.Step-1, l.keep); err != nil {
			return err
		}
	}
	l.log.said = l.Out
	l.log.tellGap()
	if err := l.widen(e); err != nil {
		return err
	}
	row := append(l.row[:0], strconv.Itoa(e.Step), strconv.Itoa(e.Epoch))
	for _, name := range l.names {
		text := ""
		if v, ok := e.Metric(name); ok {
			text = strconv.FormatFloat(v, 'g', -1, 64)
		}
		row = append(row, text)
	}
	l.row = row
	return l.write(l.log, row)
}

// widen adds a column for each new metric.
func (l *CSV) widen(e *Event) error {
	names := l.names
	for _, ms := range [][]Metric{e.Train, e.Eval} {
		for _, m := range ms {
			if !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	if len(names) == len(l.names) {
		return nil
	}
	header := append([]string{"step", "epoch"}, names...)
	if l.names == nil || !l.log.regular {
		l.names = names
		return l.write(l.log, header)
	}
	l.names = names
	return l.rewrite(header)
}

// rewrite writes the file anew with a wider header.
func (l *CSV) rewrite(header []string) error {
	rows, err := readRows(l.log.path)
	if err != nil {
		return err
	}
	err = atomicfile.Write(l.log.path, func(w io.Writer) error {
		for i, row := range rows {
			if i == 0 {
				row = header
			}
			if err := l.write(w, append(row, make([]string, len(header)-len(row))...)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return errors.WithMessage(err, "log")
	}
	return l.log.reopen()
}

// write writes one row.
func (l *CSV) write(w io.Writer, row []string) error {
	c := csv.NewWriter(w)
	if err := c.Write(row); err != nil {
		return errors.Wrap(err, "log")
	}
	c.Flush()
	return errors.Wrap(c.Error(), "log")
}

// Sync implements Syncer.
func (l *CSV) Sync() error {
	if l == nil {
		return nil
	}
	return l.log.Sync()
}

// Finish implements Finisher: it closes the file.
func (l *CSV) Finish(*Event, error) error {
	if l == nil || l.log == nil {
		return nil
	}
	l.log.said = l.Out
	return l.log.finish()
}
