package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"

	"github.com/pkg/errors"
)

// A Record is one line of a log: the metrics of a training step or of an
// evaluation after it.
type Record struct {
	Step    int                // from 1
	Epoch   int                // from 0
	Split   string             // "train" of a step's batch, "test" of an evaluation
	Metrics map[string]float64 // NaN for what was not finite
}

// A History is the records of a run, by step.
type History []Record

// maxLine is the most bytes of a line: one of a thousand metrics has 30,000.
const maxLine = 1 << 20

// ReadHistory reads the log at path, a regular file. See ParseHistory.
func ReadHistory(path string) (History, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errors.Wrapf(ErrInput, "report: history %s: it is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "report: history")
	}
	defer f.Close() // only read
	h, err := ParseHistory(f)
	return h, errors.WithMessagef(err, "report: history %s", path)
}

// ParseHistory reads one flat JSON object a line, as train.JSONL writes them:
// {"step": …, "epoch": …, "split": "train" or "test"} and numbers, or null, by
// name. A last line without its end, which a killed run leaves, is ignored.
//
// Errors: ErrInput for a line that is anything else or longer than 1 MiB, or a step
// before the last line's; r's own.
func ParseHistory(r io.Reader) (History, error) {
	if r == nil {
		return nil, errors.Wrap(ErrInput, "report: history: the reader is nil")
	}
	lines := bufio.NewReaderSize(r, maxLine)
	var h History
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		switch {
		case err == io.EOF:
			return h, nil
		case err == bufio.ErrBufferFull:
			return nil, errors.Wrapf(ErrInput, "line %d has more than %d bytes", n, maxLine)
		case err != nil:
			return nil, errors.WithStack(err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		rec, err := parseRecord(line)
		if err != nil {
			return nil, errors.WithMessagef(err, "line %d", n)
		}
		if len(h) > 0 && rec.Step < h[len(h)-1].Step {
			return nil, errors.Wrapf(ErrInput, "line %d: step %d after step %d", n, rec.Step, h[len(h)-1].Step)
		}
		h = append(h, rec)
	}
}

func parseRecord(line []byte) (Record, error) {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		return Record{}, errors.Wrap(ErrInput, err.Error())
	}
	step, ok1 := fields["step"].(float64)
	epoch, ok2 := fields["epoch"].(float64)
	split, ok3 := fields["split"].(string)
	if !ok1 || !ok2 || !ok3 {
		return Record{}, errors.Wrapf(ErrInput, `step %v, epoch %v, split %v, want two numbers and "train" or "test"`,
			fields["step"], fields["epoch"], fields["split"])
	}
	if !whole(step) || !whole(epoch) {
		return Record{}, errors.Wrapf(ErrInput, "step %v, epoch %v, want whole numbers from 0 on", step, epoch)
	}
	rec := Record{Step: int(step), Epoch: int(epoch), Split: split, Metrics: make(map[string]float64, len(fields))}
	for name, v := range fields {
		switch v := v.(type) {
		case float64:
			rec.Metrics[name] = v
		case nil:
			rec.Metrics[name] = math.NaN()
		default:
			if name != "split" {
				return Record{}, errors.Wrapf(ErrInput, "%q is %v, want a number or null", name, v)
			}
		}
	}
	delete(rec.Metrics, "step")
	delete(rec.Metrics, "epoch")
	return rec, nil
}

// whole reports whether v counts something.
func whole(v float64) bool { return v >= 0 && v < 1<<53 && v == math.Trunc(v) }

// Series returns the finite values of a metric in one split, and their steps. In the
// split "test" loss is val_loss, as train names it, or loss.
func (h History) Series(split, metric string) (steps, values []float64) {
	for _, r := range h {
		v, ok := r.Metrics[metric]
		if val, is := r.Metrics["val_"+metric]; is && split == "test" {
			v, ok = val, true
		}
		if ok && r.Split == split && !math.IsNaN(v) && !math.IsInf(v, 0) {
			steps, values = append(steps, float64(r.Step)), append(values, v)
		}
	}
	return steps, values
}

// smooth returns the means over windows of up to w values about each: w is odd,
// and windows at the ends are cut short on both sides alike.
func smooth(values []float64, w int) []float64 {
	out := make([]float64, len(values))
	for i := range values {
		half := min(w/2, i, len(values)-1-i)
		sum := 0.0
		for _, v := range values[i-half : i+half+1] {
			sum += v
		}
		out[i] = sum / float64(2*half+1)
	}
	return out
}
