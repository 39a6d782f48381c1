package onsite

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/report"
)

// objectives are the folders of a run of compare, by their names in its summary.
var objectives = []string{"mcr2", "ce"}

// beside prints two runs of compare side by side: what came out, and their losses.
func beside(w io.Writer, a, b string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	first, err := summaryOf(a)
	if err != nil {
		return err
	}
	second, err := summaryOf(b)
	if err != nil {
		return err
	}
	na, nb := filepath.Base(a), filepath.Base(b)
	fmt.Fprintf(t, "\t%s\t%s\tdifference\t\n", na, nb)
	for _, o := range objectives {
		for _, key := range []string{"test_accuracy", "train_accuracy", "delta_R", "steps", "seconds"} {
			x, y := first[o][key], second[o][key]
			fmt.Fprintf(t, "%s %s\t%.6g\t%.6g\t%.2g\t\n", o, key, x, y, y-x)
		}
	}
	for _, o := range objectives {
		if err := curves(t, o, filepath.Join(a, o), filepath.Join(b, o), na, nb); err != nil {
			return err
		}
	}
	return errors.WithStack(t.Flush())
}

// summaryOf returns the numbers in a run's summary.json, by objective.
func summaryOf(dir string) (map[string]map[string]float64, error) {
	text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, errors.Wrap(err, dir)
	}
	numbers := make(map[string]map[string]float64)
	for _, o := range objectives {
		var fields map[string]any
		if err := json.Unmarshal(all[o], &fields); err != nil {
			return nil, errors.Wrapf(err, "%s: %s", dir, o)
		}
		numbers[o] = make(map[string]float64)
		for key, v := range fields {
			if v, ok := v.(float64); ok {
				numbers[o][key] = v
			}
		}
	}
	return numbers, nil
}

// curves prints the losses of two runs at some steps, ever further apart.
func curves(w io.Writer, objective, a, b, na, nb string) error {
	var losses [2]map[float64]float64
	var steps []float64
	for i, dir := range []string{a, b} {
		h, err := report.ReadHistory(filepath.Join(dir, "metrics.jsonl"))
		if err != nil {
			return err
		}
		at, v := h.Series("train", "loss")
		losses[i] = make(map[float64]float64)
		for k := range at {
			losses[i][at[k]] = v[k]
		}
		steps = at
	}
	fmt.Fprintf(w, "\t\t\t\t\n%s loss, step\t%s\t%s\trelative difference\t\n", objective, na, nb)
	next := 1.0
	for k, s := range steps {
		x, ok := losses[0][s]
		if !ok || s < next && k < len(steps)-1 {
			continue
		}
		next = math.Ceil(s * 1.5)
		y := losses[1][s]
		fmt.Fprintf(w, "%.0f\t%.7g\t%.7g\t%.1e\t\n", s, x, y, math.Abs(y-x)/math.Max(math.Abs(x), 1e-30))
	}
	return nil
}
