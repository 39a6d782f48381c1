package segment

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/report"
)

// writeReport writes summary.json, the figures and report.html.
func (f *findings) writeReport(cfg config, demos *demonstrations) error {
	page := report.Report{
		Title: "Clustering by lossy compression: " + f.what, Lead: f.lead(),
		Settings: []report.Row{
			{Name: "data", Values: []string{cfg.Data}},
			{Name: "samples", Values: []string{strconv.Itoa(len(f.labels))}},
			{Name: "coordinates", Values: []string{strconv.Itoa(f.x.RawMatrix().Cols)}},
			{Name: "groups to begin with", Values: []string{strconv.Itoa(f.begun)},
				Note: "centres of k-means; of a few numbers of them, that which ends in the fewest bits"},
			{Name: "ε", Values: []string{fmt.Sprintf("%.4g", f.eps)}, Note: "-eps"},
			{Name: "seed", Values: []string{fmt.Sprint(cfg.Seed)}},
		},
	}
	var err error
	if page.Sections, err = f.sections(demos); err != nil {
		return err
	}
	if err := page.Write(cfg.Out); err != nil {
		return err
	}
	return f.writeSummary(cfg, demos)
}

// writeSummary writes summary.json.
func (f *findings) writeSummary(cfg config, demos *demonstrations) error {
	type point struct {
		Eps    float64 `json:"eps"`
		Groups int     `json:"groups"`
		Bits   float64 `json:"bits"`
	}
	s := struct {
		Data    string          `json:"data"`
		Samples int             `json:"samples"`
		Seed    uint64          `json:"seed"`
		Dim     int             `json:"coordinates"`
		Start   int             `json:"groups_to_begin_with"`
		Eps     float64         `json:"eps"`
		Groups  int             `json:"groups"`
		Bits    float64         `json:"bits"`
		Truth   float64         `json:"bits_of_classes"`
		Sweep   []point         `json:"sweep"`
		Methods []grouping      `json:"methods"`
		Demos   *demonstrations `json:"robust_pca,omitempty"`
	}{cfg.Data, len(f.labels), cfg.Seed, f.x.RawMatrix().Cols, f.begun, f.eps, f.found.Groups, f.found.Bits, f.truth,
		nil, nil, demos}
	for _, p := range f.sweep {
		s.Sweep = append(s.Sweep, point{math.Sqrt(p.Eps2), p.Groups, p.Bits})
	}
	for _, g := range f.result {
		if g.why == "" {
			s.Methods = append(s.Methods, g)
		}
	}
	return experiment.WriteJSON(filepath.Join(cfg.Out, "summary.json"), s)
}

// lead says in words what was found.
func (f *findings) lead() []string {
	how := "as was asked"
	if f.at >= 0 {
		how = "where the number of groups stays the same over the widest range of ε"
	}
	words := []string{
		fmt.Sprintf("Lossy compression groups %d samples of %s into %d, of %d classes, at ε = %.3g, %s: %s of the "+
			"samples are in the group of their class.",
			len(f.labels), f.what, f.found.Groups, f.classes, f.eps, how, report.Percent(f.result[0].Accuracy)),
		fmt.Sprintf("Its groups take %.0f bits, and the classes %.0f.", f.found.Bits, f.truth),
	}
	return words
}

// measures are what a grouping is measured by.
func measures() []string { return []string{"groups", "accuracy", "NMI", "ARI", "bits", "seconds"} }

// table returns the measures of all methods, a row each.
func (f *findings) table() []report.Row {
	out := make([]report.Row, len(f.result))
	for i, g := range f.result {
		out[i] = report.Row{Name: g.Name, Note: g.note, Values: []string{
			strconv.Itoa(g.Groups), report.Percent(g.Accuracy), experiment.Fixed(g.NMI, 3),
			experiment.Fixed(g.ARI, 3), experiment.Fixed(g.Bits, 0), experiment.Fixed(g.Seconds, 2),
		}}
		if g.why != "" {
			out[i].Note = "no result: " + g.why
			for j := range out[i].Values {
				out[i].Values[j] = "–"
			}
		}
	}
	return out
}

// printTable writes the numbers as a table of text.
func (f *findings) printTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "\n\t%s\n", strings.Join(measures(), "\t"))
	for _, row := range f.table() {
		fmt.Fprintf(t, "%s\t%s\n", row.Name, strings.Join(row.Values, "\t"))
	}
	if err := t.Flush(); err != nil {
		return errors.WithStack(err)
	}
	_, err := fmt.Fprintf(w, "\n%s\n%s\n", f.lead()[0], f.lead()[1])
	return errors.WithStack(err)
}

// sections returns the figures with words.
func (f *findings) sections(demos *demonstrations) ([]report.Section, error) {
	sweep, err := f.sweepFigure()
	if err != nil {
		return nil, err
	}
	groups, err := f.groupsFigure()
	if err != nil {
		return nil, err
	}
	out := []report.Section{
		{Title: "Results", Words: []string{fmt.Sprintf("Accuracy is under the best matching of groups to classes, "+
			"bits are those that code samples and groups at ε = %.3g; the classes take %.0f.", f.eps, f.truth)},
			Columns: measures(), Table: f.table()},
		{Title: "The distortion", Words: []string{"Left: the number of groups by ε; the dashed line is the ε that " +
			"was chosen. Middle: the bits. Right: the bits by the number of groups while they are merged at that ε."},
			Figures: []*report.Figure{sweep}},
		{Title: "The groups", Words: []string{"Each colour is a group, that of the class it matches; grey are " +
			"groups beyond the number of classes. First the classes."}, Figures: []*report.Figure{groups}},
	}
	if f.images != nil {
		pictures, err := f.pictures()
		if err != nil {
			return nil, err
		}
		out = append(out, report.Section{Title: "Samples of the groups",
			Words:   []string{"A row for each group of lossy compression, refined: its first samples."},
			Figures: []*report.Figure{pictures}})
	}
	if demos != nil {
		out = append(out,
			report.Section{Title: "Robust PCA", Words: []string{fmt.Sprintf("A matrix of rank 4 with a tenth of "+
				"its entries changed by ±1 is taken apart; the error of the part of low rank is %.1e. Below: ranks "+
				"and shares of wrong entries at which that works, to 1e-3.", demos.Error)},
				Figures: []*report.Figure{demos.robust, demos.phase}},
			report.Section{Title: "GPCA", Words: []string{"Samples of three lines are zeros of a product of three " +
				"linear forms, whose coefficients are a null space and whose gradients are the normals."},
				Figures: []*report.Figure{demos.lines}})
	}
	return out, nil
}

func (f *findings) sweepFigure() (*report.Figure, error) {
	var eps, groups, bits []float64
	for _, p := range f.sweep {
		eps, groups, bits = append(eps, math.Sqrt(p.Eps2)), append(groups, float64(p.Groups)),
			append(bits, max(p.Bits, 1))
	}
	var left, cost []float64
	for _, m := range f.found.History {
		left, cost = append(left, float64(m.Groups)), append(cost, m.Bits)
	}
	top := 1.0
	for _, g := range groups {
		top = max(top, g)
	}
	return report.Compose("sweep", "Groups and bits by ε, and bits by groups.", 3.2, 2.8, []report.Plot{
		{Title: "groups found", X: "ε", Y: "k", LogX: true, LogY: top > 30, WholeY: true,
			Curves: []report.Curve{{X: eps, Y: groups, Dots: true}, {X: []float64{f.eps, f.eps}, Y: []float64{1, top},
				Dashed: true}}},
		{Title: "bits by ε", X: "ε", Y: "bits", LogX: true, LogY: true,
			Curves: []report.Curve{{X: eps, Y: bits, Dots: true}}},
		{Title: fmt.Sprintf("merging at ε = %.3g", f.eps), X: "groups left", Y: "bits", LogX: true,
			Curves: []report.Curve{{X: left, Y: cost}}},
	})
}

// groupsFigure draws the classes and the groups of each method.
func (f *findings) groupsFigure() (*report.Figure, error) {
	plots := []report.Plot{{Title: "classes", Clouds: clouds(f.view, f.labels, f.classes)}}
	for _, g := range f.result {
		if g.why == "" {
			plots = append(plots, report.Plot{Title: fmt.Sprintf("%s: %s", g.Name, report.Percent(g.Accuracy)),
				Clouds: clouds(f.view, g.named, f.classes)})
		}
	}
	var rows [][]report.Plot
	for i := range plots {
		plots[i].X = f.seen + " 1"
		if i%3 == 0 {
			plots[i].Y = f.seen + " 2"
		}
	}
	for lo := 0; lo < len(plots); lo += 3 {
		rows = append(rows, plots[lo:min(lo+3, len(plots))])
	}
	return report.Compose("groups", "Samples by class and by the groups of each method.", 3.2, 3, rows...)
}

// pictures draws the first samples of each group, a row each.
func (f *findings) pictures() (*report.Figure, error) {
	const across = 24
	g := f.result[1]
	m := mat.NewDense(g.Groups*across, 64, nil)
	m.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, m)
	count := make([]int, g.Groups)
	for i, y := range g.labels {
		if count[y] < across {
			m.SetRow(y*across+count[y], f.images.RawRowView(i))
			count[y]++
		}
	}
	tiles, err := report.Tiles(m, 8, 8, across)
	if err != nil {
		return nil, err
	}
	return report.Compose("pictures", "Digits by group.", 9.6, 0.42*float64(g.Groups),
		[]report.Plot{{Picture: &report.Picture{Values: tiles}}})
}
