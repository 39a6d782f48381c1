package redunet

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/report"
)

// write writes summary.json, the figures and report.html.
func (r *result) write() error {
	err := experiment.WriteJSON(filepath.Join(r.cfg.Out, "summary.json"), r.summary)
	if err != nil {
		return err
	}
	page := report.Report{
		Title: "ReduNet: " + r.cfg.Preset, Lead: r.findings(), Runs: []report.Run{{Name: r.cfg.Preset}},
		Table: r.table(), Settings: r.settingsTable(),
	}
	if page.Sections, err = r.sections(); err != nil {
		return err
	}
	return page.Write(r.cfg.Out)
}

// findings says in words what the numbers show.
func (r *result) findings() []string {
	last := len(r.DeltaR) - 1
	fell := 0
	for i, v := range r.DeltaR {
		if before := r.rates[i].DeltaR; v < before-1e-6*before {
			fell++
		}
	}
	words := []string{fmt.Sprintf("%d layers, each a step of gradient ascent, raise the rate reduction ΔR of the "+
		"training features from %.6f to %.6f nats (R %.6f, Rᶜ %.6f).",
		r.Layers, r.StartDeltaR, r.DeltaR[last], r.R[last], r.Rc[last])}
	if fell > 0 {
		words = append(words,
			fmt.Sprintf("ΔR fell in %d of them: the steps follow estimated memberships, and are not infinitely small.",
				fell))
	}
	if opt, ok := r.cfg.optimum(); ok {
		words = append(words,
			fmt.Sprintf("The best that any features can have, classes on orthogonal lines, is ΔR = %.6f: the "+
				"network is %.1e away.", opt, opt-r.DeltaR[last]))
	}
	if r.cfg.Step > 0 {
		words = append(words, fmt.Sprintf("The features of a shifted sample are the shifted features, to %.0e, so "+
			"that its estimated class is that of the sample.", r.Equivariance))
	}
	return append(words,
		fmt.Sprintf(
			"No parameter was trained. The class that the last layer estimates is right for %s of the test samples.",
			report.Percent(r.ByLayer)))
}

// table returns the numbers, for the terminal and the page.
func (r *result) table() []report.Row {
	row := func(name, value, note string) report.Row {
		return report.Row{Name: name, Values: []string{value}, Note: note}
	}
	last := len(r.DeltaR) - 1
	rows := []report.Row{
		row("training ΔR", experiment.Fixed(r.DeltaR[last], 6), "of the training features, in nats"),
		row("training R", experiment.Fixed(r.R[last], 6), ""),
		row("training Rᶜ", experiment.Fixed(r.Rc[last], 6), ""),
	}
	if r.cfg.Channels == 0 {
		rows = append(rows, row("test ΔR", experiment.Fixed(r.TestDeltaR, 6), "of the test features"))
	}
	add := func(of string, a *accuracies) {
		if a == nil {
			return
		}
		rows = append(rows,
			row(of+", nearest subspace", report.Percent(a.NearestSubspace), fmt.Sprintf("subspaces of dimension %d",
				r.cfg.Subspace)),
			row(of+", 5 neighbours", report.Percent(a.KNN), "by the cosine"),
			row(of+", linear", report.Percent(a.Linear), "a ridge classifier"))
	}
	add("training accuracy", &r.Train)
	add("test accuracy", &r.Test)
	add("shifted training samples", r.ShiftedTrain)
	add("shifted test samples", r.ShiftedTest)
	for _, f := range r.Finetuned {
		rows = append(rows, row("fine-tuned from "+f.From, report.Percent(f.Test),
			fmt.Sprintf("test accuracy after %d steps of back-propagation; %s of the training samples", f.Steps,
				report.Percent(f.Train))))
	}
	return append(rows,
		row("by the last layer", report.Percent(r.ByLayer), "test accuracy of the class that it estimates"),
		row("seconds", experiment.Fixed(r.SecondsBuild, 2), "of the construction"))
}

// print writes the numbers as a table of text.
func (r *result) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t)
	for _, row := range r.table() {
		fmt.Fprintf(t, "%s\t%s\n", row.Name, row.Values[0])
	}
	return errors.WithStack(t.Flush())
}

// settingsTable returns what the network was made with, for the page.
func (r *result) settingsTable() []report.Row {
	row := func(name string, value any, note string) report.Row {
		return report.Row{Name: name, Values: []string{fmt.Sprint(value)}, Note: note}
	}
	return []report.Row{
		row("data", r.cfg.Data, ""),
		row("training samples", r.sets.train.Len(), fmt.Sprintf("-samples: %d a class", r.cfg.Samples)),
		row("test samples", r.sets.test.Len(), ""),
		row("layers", r.Layers, "-layers"),
		row("channels", r.cfg.Channels, "-channels: that random filters lift the samples to"),
		row("filters", r.cfg.Kernel, "-kernel: their side"),
		row("η", r.cfg.Eta, "-eta: the step"),
		row("ε²", r.cfg.Eps2, "-eps2: the distortion"),
		row("λ", r.cfg.Lambda, "-lambda: of the estimated memberships"),
		row("seed", r.cfg.Seed, "-seed"),
	}
}
