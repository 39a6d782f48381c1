package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

const (
	ratesWords = "R is what it takes to code all features, Rᶜ what it takes to code them class by class, ΔR = R − Rᶜ what knowing the classes saves, in nats. " +
		"Thin lines are batches of the training set, dots the whole test set. Under MCR², ΔR is the objective; under cross-entropy it is only watched."
	lossWords = "The objective on batches of the training set, smoothed over 9 of them, and on the test set. " +
		"The scales of the two objectives cannot be compared."
	accuracyWords = "Shares of test samples that are classified right, and of training samples, by step."
	noiseWords    = "Test accuracy of networks trained on labels of which a share was replaced by classes drawn at random."
)

// smoothing is the window of the training loss, in logged steps: that of the
// figure in the MCR² paper's code.
const smoothing = 9

// rates draws R, Rᶜ and ΔR by step, a plot for each run that logged them.
func rates(r *Report) (*Figure, error) {
	names := []struct{ metric, label string }{{"R", "R"}, {"Rc", "Rᶜ"}, {"delta_R", "ΔR"}}
	f := &Figure{Name: "rates", Caption: "R, Rᶜ and ΔR by step.", w: 4.2 * vg.Inch, h: 3 * vg.Inch}
	var row []*plot.Plot
	for _, run := range r.Runs {
		p, drawn := newPlot(run.Name, "step", "nats"), false
		p.Y.Min = 0
		for i, name := range names {
			if x, y := run.History.Series("train", name.metric); len(x) > 0 {
				drawn = true
				if err := addLine(p, "", x, y, style{color: faded(seriesColor(i)), width: 0.8}); err != nil {
					return nil, err
				}
			}
			if x, y := run.History.Series("test", name.metric); len(x) > 0 {
				drawn = true
				if err := addLine(p, name.label, x, y, style{color: seriesColor(i), width: 1.4, dots: true}); err != nil {
					return nil, err
				}
			}
		}
		if drawn {
			legendRoom(p, 0.3)
			row = append(row, p)
		}
	}
	sameScale(row)
	return f.with(row), nil
}

// losses draws the training loss and the test loss by step, a plot for each run.
func losses(r *Report) (*Figure, error) {
	f := &Figure{Name: "loss", Caption: "Training and test loss by step.", w: 4.2 * vg.Inch, h: 3 * vg.Inch}
	var row []*plot.Plot
	for _, run := range r.Runs {
		x, y := run.History.Series("train", "loss")
		if len(x) == 0 {
			continue
		}
		p := newPlot(run.Name, "step", "loss")
		if err := addLine(p, "training", x, smooth(y, smoothing), style{color: seriesColor(0), width: 1.2}); err != nil {
			return nil, err
		}
		if x, y := run.History.Series("test", "loss"); len(x) > 0 {
			if err := addLine(p, "test", x, y, style{color: seriesColor(1), width: 1.2, dots: true}); err != nil {
				return nil, err
			}
		}
		row = append(row, p)
	}
	return f.with(row), nil
}

// accuracies draws the accuracies of all runs by step in one plot.
func accuracies(r *Report) (*Figure, error) {
	f := &Figure{Name: "accuracy", Caption: "Accuracy by step.", w: 8.4 * vg.Inch, h: 3 * vg.Inch}
	p, drawn := newPlot("", "step", "accuracy"), false
	p.Legend.Top = false
	p.Legend.YOffs = 4
	for i, run := range r.Runs {
		for _, of := range []struct {
			metric, label string
			dashes        []vg.Length
		}{{"accuracy", "test", nil}, {"train_accuracy", "training", []vg.Length{4, 3}}} {
			x, y := run.History.Series("test", of.metric)
			if len(x) == 0 {
				continue
			}
			drawn = true
			if err := addLine(p, run.Name+", "+of.label, x, y, style{color: seriesColor(i), width: 1.2, dashes: of.dashes, dots: of.dashes == nil}); err != nil {
				return nil, err
			}
		}
	}
	if !drawn {
		return nil, nil
	}
	return f.with([]*plot.Plot{p}), nil
}

// noise draws test accuracy by the share of wrong labels.
func noise(r *Report) (*Figure, error) {
	f := &Figure{Name: "noise", Caption: "Test accuracy by the share of corrupted labels.", w: 8.4 * vg.Inch, h: 3 * vg.Inch}
	p, drawn := newPlot("", "share of corrupted labels", "test accuracy"), false
	p.Legend.Top, p.Legend.Left = false, true
	p.Legend.XOffs, p.Legend.YOffs = 4, 4
	for i, run := range r.Runs {
		if len(run.Noise) == 0 {
			continue
		}
		drawn = true
		if err := addLine(p, run.Name, r.Ratios, run.Noise, style{color: seriesColor(i), width: 1.4, dots: true}); err != nil {
			return nil, err
		}
	}
	if !drawn {
		return nil, nil
	}
	return f.with([]*plot.Plot{p}), nil
}

// with returns the figure with a row of plots, nil if there are none.
func (f *Figure) with(row []*plot.Plot) *Figure {
	if len(row) == 0 {
		return nil
	}
	f.plots = append(f.plots, row)
	return f
}

// sameScale gives plots one range of y.
func sameScale(row []*plot.Plot) {
	for _, p := range row {
		for _, q := range row {
			p.Y.Min, p.Y.Max = min(p.Y.Min, q.Y.Min), max(p.Y.Max, q.Y.Max)
		}
	}
}

// faded returns a lighter colour.
func faded(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	lighter := func(v uint32) uint8 { return uint8((v>>8 + 2*255) / 3) }
	return color.RGBA{lighter(r), lighter(g), lighter(b), 255}
}
