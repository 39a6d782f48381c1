package lista

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/report"
)

// A summary is summary.json.
type summary struct {
	M       int                `json:"m"`
	N       int                `json:"n"`
	Layers  int                `json:"layers"`
	SNR     *float64           `json:"snr_db"` // null is no noise
	Seed    uint64             `json:"seed"`
	NMSE    map[string]numbers `json:"nmse_db"` // null is not finite
	Seconds map[string]float64 `json:"seconds"`
}

// writeReport writes summary.json, the figures and report.html.
func writeReport(cfg config, p *problem, results []*result) error {
	if err := writeSummary(cfg, results); err != nil {
		return err
	}
	sections, err := sections(results)
	if err != nil {
		return err
	}
	layers, err := byStep(cfg, results)
	if err != nil {
		return err
	}
	if len(layers.Figures) > 0 {
		sections = append(sections, layers)
	}
	page := report.Report{
		Title:    fmt.Sprintf("Sparse codes of %d measurements, %d atoms", cfg.M, cfg.N),
		Lead:     findings(results),
		Settings: settings(cfg),
	}
	heads, rows := table(results)
	page.Sections = append([]report.Section{{Title: "Results", Words: []string{tableWords}, Columns: heads,
		Table: rows}}, sections...)
	return page.Write(cfg.Out)
}

func writeSummary(cfg config, results []*result) error {
	s := summary{M: cfg.M, N: cfg.N, Layers: cfg.Layers, Seed: cfg.Seed, NMSE: map[string]numbers{},
		Seconds: map[string]float64{}}
	if cfg.SNR != 0 {
		s.SNR = &cfg.SNR
	}
	for _, r := range results {
		s.NMSE[r.Name], s.Seconds[r.Name] = r.Curve, r.Seconds
	}
	return experiment.WriteJSON(filepath.Join(cfg.Out, "summary.json"), s)
}

// curve returns a line of finite values by layer, from first on.
func curve(name string, values []float64, first int, dashed bool) report.Curve {
	c := report.Curve{Name: name, Dots: !dashed, Dashed: dashed}
	for i, v := range values {
		if v-v == 0 {
			c.X, c.Y = append(c.X, float64(i+first)), append(c.Y, v)
		}
	}
	return c
}

// add adds a curve that has points: one that diverged at once has none.
func add(p *report.Plot, c report.Curve) {
	if len(c.X) > 0 {
		p.Curves = append(p.Curves, c)
	}
}

// sections returns the figures with words.
func sections(results []*result) ([]report.Section, error) {
	nmse := report.Plot{WholeX: true, X: "layer, or iteration", Y: "NMSE in dB"}
	size := report.Plot{WholeX: true, Title: "size", X: "layer", Y: "elements that are not 0"}
	precision := report.Plot{WholeX: true, Title: "precision", X: "layer", Y: "share of the support that is right"}
	recall := report.Plot{WholeX: true, Title: "recall", X: "layer", Y: "share of the true support that is found"}
	thresholds := report.Plot{WholeX: true, X: "layer", Y: "threshold"}
	for _, r := range results {
		algorithm := r.Tuned != 0
		add(&nmse, curve(r.Name, r.Curve, 0, algorithm))
		add(&size, curve(r.Name, r.Sparsity, 1, algorithm))
		add(&precision, curve(r.Name, r.Precision, 1, algorithm))
		add(&recall, curve(r.Name, r.Recall, 1, algorithm))
		add(&thresholds, curve(r.Name, r.Thresholds, 1, false))
	}
	var all []report.Section
	for _, s := range []struct {
		title, words, name, caption string
		w, h                        float64
		row                         []report.Plot
	}{
		{"Error by layer", "Normalised mean squared error on the test set, after each layer of a network and each " +
			"iteration of an algorithm. Dashed: algorithms, each with the λ or α that is best after the last " +
			"iteration on a validation set.", "nmse", "NMSE by layer.", 8.4, 4.2, []report.Plot{nmse}},
		{"Support", "Where the codes are not 0, compared with where the true ones are.", "support",
			"Size, precision and recall of the support by layer.", 3.6, 3, []report.Plot{size, precision, recall}},
		{"Thresholds", "What the networks learned; of a network that shares its weight these, and its steps, are " +
			"all that differs from layer to layer.", "thresholds", "Thresholds by layer.", 8.4, 3,
			[]report.Plot{thresholds}},
	} {
		row := slices.DeleteFunc(s.row, func(p report.Plot) bool { return len(p.Curves) == 0 })
		if len(row) == 0 {
			continue
		}
		f, err := report.Compose(s.name, s.caption, s.w, s.h, row)
		if err != nil {
			return nil, err
		}
		all = append(all, report.Section{Title: s.title, Words: []string{s.words}, Figures: []*report.Figure{f}})
	}
	return all, nil
}

// tableWords say what the columns of the table are.
const tableWords = "NMSE on the test set after a quarter, a half and all of the layers. Steps are of training, " +
	"with -full of each stage at most. " +
	"λ or α is the best on the validation set, of an algorithm. Seconds are of training; of an algorithm, of one " +
	"run on the test set."

// table returns the heads and a row for each method, for the terminal and the page.
func table(results []*result) (heads []string, rows []report.Row) {
	layers := len(results[0].Curve) - 1
	after := []int{(layers + 2) / 4, (layers + 1) / 2, layers}
	for i, l := range after {
		heads = append(heads, fmt.Sprintf("layer %d", l))
		if i == 0 {
			heads[0] = "NMSE, " + heads[0]
		}
	}
	for _, r := range results {
		row := report.Row{Name: r.Name}
		for _, l := range after {
			row.Values = append(row.Values, decibels(r.Curve[l]))
		}
		row.Values = append(row.Values, dash(float64(r.Steps)), dash(r.Tuned), strconv.FormatFloat(r.Seconds, 'f', 1,
			64))
		rows = append(rows, row)
	}
	return append(heads, "steps", "λ or α", "seconds"), rows
}

// dash returns a number with a few digits, a dash for 0.
func dash(v float64) string {
	switch {
	case v == 0:
		return "–"
	case v == math.Trunc(v):
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// printTable writes a line for each method.
func printTable(w io.Writer, cfg config, results []*result) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "\n")
	heads, rows := table(results)
	for _, head := range heads {
		fmt.Fprintf(t, "\t%s", head)
	}
	fmt.Fprint(t, "\n")
	for _, row := range rows {
		fmt.Fprint(t, row.Name)
		for _, v := range row.Values {
			fmt.Fprintf(t, "\t%s", v)
		}
		fmt.Fprint(t, "\n")
	}
	return errors.WithStack(t.Flush())
}

// decibels returns an NMSE with a unit.
func decibels(v float64) string {
	if v-v != 0 {
		return "diverged"
	}
	return fmt.Sprintf("%.2f dB", v)
}

// settings returns what the runs were made with, for the page.
func settings(cfg config) []report.Row {
	row := func(name string, value any, note string) report.Row {
		return report.Row{Name: name, Values: []string{fmt.Sprint(value)}, Note: note}
	}
	noise, protocol := "none", "all layers at once, by the errors of all of their codes, Adam, 64 fresh samples a "+
		"step, a rate that falls as a cosine"
	if cfg.SNR != 0 {
		noise = fmt.Sprint(cfg.SNR, " dB")
	}
	if cfg.Full {
		protocol = "layer by layer, then jointly at 0.2 and 0.02 of the rate; Step-LISTA all layers at once"
	}
	return []report.Row{
		row("measurements, atoms", fmt.Sprintf("%d, %d", cfg.M, cfg.N),
			"-m, -n: the dictionary is Gaussian with unit columns"),
		row("condition number", cfg.Condition, "-condition: of the dictionary; 0 leaves it as it is drawn"),
		row("codes", "Bernoulli(0.1)–Gaussian", ""),
		row("noise", noise, "-snr"),
		row("layers", cfg.Layers, "-layers"),
		row("training", protocol, "-full"),
		row("seed", cfg.Seed, "-seed"),
	}
}
