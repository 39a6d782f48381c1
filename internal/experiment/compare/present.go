package compare

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/report"
)

// writeReport writes summary.json, the figures and report.html.
func writeReport(cfg config, results []*result) error {
	if err := writeSummary(cfg, results); err != nil {
		return err
	}
	page := report.Report{
		Title: "MCR² against cross-entropy on " + cfg.Data, Lead: findings(results),
		Table: table(results), Settings: settings(cfg), Ratios: cfg.Noises,
	}
	for _, r := range results {
		run, err := r.view()
		if err != nil {
			return errors.WithMessage(err, r.task.name)
		}
		page.Runs = append(page.Runs, run)
	}
	return page.Write(cfg.Out)
}

// writeSummary writes summary.json.
func writeSummary(cfg config, results []*result) error {
	s := struct {
		Data  string  `json:"data"`
		Model string  `json:"model"`
		Seed  uint64  `json:"seed"`
		MCR2  *result `json:"mcr2"`
		CE    *result `json:"ce"`

		Noises []float64 `json:"noises,omitempty"`
	}{cfg.Data, cfg.Model, cfg.Seed, results[0], results[1], cfg.Noises}
	return experiment.WriteJSON(filepath.Join(cfg.Out, "summary.json"), s)
}

// view returns what the report draws of a run.
func (r *result) view() (run report.Run, err error) {
	f := r.train
	run = report.Run{Name: r.task.title, Noise: r.NoiseAccuracy}
	if run.History, err = report.ReadHistory(r.log); err != nil {
		return run, err
	}
	if run.Spectrum, err = metrics.Spectrum(f.z, true); err != nil {
		return run, err
	}
	if run.ClassSpectra, err = metrics.ClassSpectra(f.z, f.labels, f.classes, true); err != nil {
		return run, err
	}
	few := f.first(mostMapped)
	run.Cosines, run.Starts, err = metrics.CosineMap(few.z, few.labels, few.classes)
	return run, err
}

// table returns the numbers of both runs, for the terminal and the page.
func table(results []*result) []report.Row {
	rows := []struct {
		name, note string
		value      func(*result) string
	}{
		{"test accuracy", "MCR² by the nearest class subspace, cross-entropy by its head",
			func(r *result) string { return report.Percent(r.TestAccuracy) }},
		{"by nearest subspace", "both by the nearest class subspace",
			func(r *result) string { return report.Percent(r.NearestSubspaceAccuracy) }},
		{"by 5 nearest neighbours", "by the cosine of features",
			func(r *result) string { return report.Percent(r.KNNAccuracy) }},
		{"training accuracy", "as the test accuracy",
			func(r *result) string { return report.Percent(r.TrainAccuracy) }},
		{"training R", "nats to code all training features",
			func(r *result) string { return experiment.Fixed(r.R, 2) }},
		{"training Rᶜ", "nats to code them class by class",
			func(r *result) string { return experiment.Fixed(r.Rc, 2) }},
		{"training ΔR",
			"R − Rᶜ of the training features, what MCR² maximises; figures and progress have that of the test set too",
			func(r *result) string { return experiment.Fixed(r.DeltaR, 2) }},
		{"rank of a class", "dimensions that hold 95 % of its energy, mean of the classes; this and what follows " +
			"is of the training features", func(r *result) string { return experiment.Fixed(r.meanRank(), 1) }},
		{"|cos| within classes", "mean over pairs; 1 is collapsed to a line",
			func(r *result) string { return experiment.Fixed(r.MeanAbsCosineWithin, 3) }},
		{"|cos| between classes", "mean over pairs; 0 is orthogonal",
			func(r *result) string { return experiment.Fixed(r.MeanAbsCosineBetween, 3) }},
		{"NC1", "neural collapse: variation within classes by that between; 0 is collapsed",
			func(r *result) string { return experiment.Fixed(r.NC1, 4) }},
		{"steps", "", func(r *result) string { return strconv.Itoa(r.Steps) }},
		{"seconds", "of training, with evaluations", func(r *result) string { return experiment.Fixed(r.Seconds, 1) }},
	}
	out := make([]report.Row, len(rows))
	for i, row := range rows {
		out[i] = report.Row{Name: row.name, Note: row.note}
		for _, r := range results {
			out[i].Values = append(out[i].Values, row.value(r))
		}
	}
	return out
}

// printTable writes the numbers of both runs as a table of text, and below them
// the test accuracies by the share of labels that were replaced.
func printTable(w io.Writer, cfg config, results []*result) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "\n")
	for _, r := range results {
		fmt.Fprintf(t, "\t%s", r.task.title)
	}
	fmt.Fprint(t, "\n")
	for _, row := range table(results) {
		fmt.Fprint(t, row.Name)
		for _, v := range row.Values {
			fmt.Fprintf(t, "\t%s", v)
		}
		fmt.Fprint(t, "\n")
	}
	for i, ratio := range cfg.Noises {
		fmt.Fprintf(t, "test accuracy, %.0f %% of labels replaced", 100*ratio)
		for _, r := range results {
			fmt.Fprintf(t, "\t%s", report.Percent(r.NoiseAccuracy[i]))
		}
		fmt.Fprint(t, "\n")
	}
	return errors.WithStack(t.Flush())
}

// settings returns what the runs were made with, for the page.
func settings(cfg config) []report.Row {
	row := func(name string, value any, note string) report.Row {
		return report.Row{Name: name, Values: []string{fmt.Sprint(value)}, Note: note}
	}
	return []report.Row{
		row("data", cfg.Data, "-data; "+augmentation(cfg)),
		row("encoder", cfg.Model, "-model: "+cfg.encoder().note),
		row("features", cfg.Dim, "-dim"),
		row("epochs", cfg.Epochs, "-epochs"),
		row("batch", cfg.Batch, "-batch; "+chunks(cfg)),
		row("optimizer", cfg.Optimizer, fmt.Sprintf("-optimizer; weight decay %v", cfg.Decay)),
		row("learning rate", cfg.LR, "-lr; schedule: "+cfg.Schedule),
		row("ε²", cfg.Eps2, "-eps2"),
		row("γ₁", cfg.Gamma1, "-gamma1"),
		row("γ₂", cfg.Gamma2, "-gamma2"),
		row("labels replaced", report.Percent(cfg.Noise), "-noise: by classes drawn at random, in the training set"),
		row("seed", cfg.Seed, "-seed"),
	}
}

func augmentation(cfg config) string {
	if cfg.Augment {
		return "augmented"
	}
	return "not augmented"
}

func chunks(cfg config) string {
	if cfg.Chunk > 0 {
		return fmt.Sprintf("in chunks of %d", cfg.Chunk)
	}
	return "at once"
}
