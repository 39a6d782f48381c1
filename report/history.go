package report

import (
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

// ReadHistory reads the log at path. See ParseHistory.
func ReadHistory(path string) (History, error) {
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
// Errors: ErrInput for a line that is anything else, or a step before the last
// line's.
func ParseHistory(r io.Reader) (History, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var h History
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return h, nil
		}
		text = rest
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
		return Record{}, errors.Wrapf(ErrInput, `step %v, epoch %v, split %v, want two numbers and "train" or "test"`, fields["step"], fields["epoch"], fields["split"])
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
