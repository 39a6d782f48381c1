package report

const (
	ratesWords = "R is what it takes to code all features, Rᶜ what it takes to code them class by class, ΔR = R − " +
		"Rᶜ what knowing the classes saves, in nats. " +
		"Thin lines are batches of the training set, dots the whole test set. Under MCR², ΔR is the objective; " +
		"under cross-entropy it is only watched."
	lossWords = "The objective on batches of the training set, smoothed over 9 of them, and on the test set. " +
		"The scales of the two objectives cannot be compared."
	accuracyWords = "Shares of test samples that are classified right, and of training samples, by step."
	noiseWords    = "Test accuracy of networks trained on labels of which a share was replaced by classes drawn at " +
		"random."
)

// smoothing is the window of the training loss, in logged steps: that of the
// figure in the MCR² paper's code.
const smoothing = 9

// rates draws R, Rᶜ and ΔR by step, a plot for each run that logged them.
func rates(r *Report) (*Figure, error) {
	names := []struct{ metric, label string }{{"R", "R"}, {"Rc", "Rᶜ"}, {"delta_R", "ΔR"}}
	var row []Plot
	for _, run := range r.Runs {
		p := Plot{Title: run.Name, X: "step", Y: "nats"}
		for _, name := range names {
			if x, y := run.History.Series("train", name.metric); len(x) > 0 {
				p.Curves = append(p.Curves, Curve{Of: name.label, X: x, Y: y, Faint: true})
			}
			if x, y := run.History.Series("test", name.metric); len(x) > 0 {
				p.Curves = append(p.Curves, Curve{Name: name.label, X: x, Y: y, Dots: true})
			}
		}
		row = appendDrawn(row, p)
	}
	sameRange(row)
	return compose("rates", "R, Rᶜ and ΔR by step.", 4.2, 3, row)
}

// losses draws the training loss and the test loss by step, a plot for each run.
func losses(r *Report) (*Figure, error) {
	var row []Plot
	for _, run := range r.Runs {
		x, y := run.History.Series("train", "loss")
		if len(x) == 0 {
			continue
		}
		p := Plot{Title: run.Name, X: "step", Y: "loss", Curves: []Curve{{Name: run.Name + ", training", Of: run.Name,
			X: x, Y: smooth(y, smoothing), Dashed: true}}}
		if x, y := run.History.Series("test", "loss"); len(x) > 0 {
			p.Curves = append(p.Curves, Curve{Name: run.Name + ", test", Of: run.Name, X: x, Y: y, Dots: true})
		}
		row = append(row, p)
	}
	return compose("loss", "Training and test loss by step.", 4.2, 3, row)
}

// accuracies draws the accuracies of all runs by step in one plot.
func accuracies(r *Report) (*Figure, error) {
	p := Plot{X: "step", Y: "accuracy"}
	for _, run := range r.Runs {
		if x, y := run.History.Series("test", "accuracy"); len(x) > 0 {
			p.Curves = append(p.Curves, Curve{Name: run.Name + ", test", Of: run.Name, X: x, Y: y, Dots: true})
		}
		if x, y := run.History.Series("test", "train_accuracy"); len(x) > 0 {
			p.Curves = append(p.Curves, Curve{Name: run.Name + ", training", Of: run.Name, X: x, Y: y, Dashed: true})
		}
	}
	return compose("accuracy", "Accuracy by step.", 8.4, 3, appendDrawn(nil, p))
}

// noise draws test accuracy by the share of wrong labels.
func noise(r *Report) (*Figure, error) {
	p := Plot{X: "share of corrupted labels", Y: "test accuracy"}
	for _, run := range r.Runs {
		if len(run.Noise) > 0 {
			p.Curves = append(p.Curves, Curve{Name: run.Name, X: r.Ratios, Y: run.Noise, Dots: true})
		}
	}
	return compose("noise", "Test accuracy by the share of corrupted labels.", 8.4, 3, appendDrawn(nil, p))
}

// appendDrawn appends a plot that has something to show.
func appendDrawn(row []Plot, p Plot) []Plot {
	if len(p.Curves) == 0 {
		return row
	}
	return append(row, p)
}

// compose is Compose, and nil for no plots.
func compose(name, caption string, width, height float64, rows ...[]Plot) (*Figure, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, nil
	}
	return Compose(name, caption, width, height, rows...)
}

// sameRange makes plots show one range of y, from 0 on.
func sameRange(plots []Plot) {
	top := 0.0
	for i := range plots {
		_, y := plots[i].extents()
		top = max(top, y.hi)
	}
	for i := range plots {
		plots[i].RangeY = [2]float64{0, top}
	}
}
