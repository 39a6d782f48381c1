package main

import (
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/report"
)

const layersWords = "The error of the codes of some layers on the batches that a network is trained on, by step: what the probes of its graph say (models.LISTANet). " +
	"Step-LISTA, which sees no codes, is not here."

// byStep returns a section of the error of layers by step, for each network that
// was trained on codes, and no figure if there is none.
func byStep(cfg config, results []*result) (s report.Section, err error) {
	const abreast = 3
	var plots []report.Plot
	for _, r := range results {
		h, err := report.ReadHistory(filepath.Join(cfg.Out, strings.ToLower(r.Name), logName))
		if errors.Is(err, fs.ErrNotExist) {
			continue // of an algorithm
		}
		if err != nil {
			return s, err
		}
		plot := report.Plot{Title: r.Name, X: "step", Y: "NMSE in dB"}
		for quarter := 1; quarter <= 4; quarter++ {
			layer := max(1, cfg.Layers*quarter/4)
			c := report.Curve{Name: "layer " + strconv.Itoa(layer)}
			if c.X, c.Y = h.Series("train", "net.nmse_db"+strconv.Itoa(layer)); len(c.X) > 0 {
				plot.Curves = append(plot.Curves, c)
			}
		}
		if len(plot.Curves) > 0 {
			plots = append(plots, withRoom(plot))
		}
	}
	var rows [][]report.Plot
	for len(plots) > 0 {
		n := min(abreast, len(plots))
		rows, plots = append(rows, plots[:n]), plots[n:]
	}
	if len(rows) == 0 {
		return s, nil
	}
	f, err := report.Compose("layers", "NMSE of some layers by step of the training.", 3.6, 2.8, rows...)
	return report.Section{Title: "Layers while they learn", Words: []string{layersWords}, Figures: []*report.Figure{f}}, err
}

// withRoom returns a plot with room on the right, for its legend.
func withRoom(p report.Plot) report.Plot {
	x, y := p.Curves[0].X, p.Curves[0].Y
	end := 1.5 * x[len(x)-1]
	p.Curves = append(p.Curves, report.Curve{X: []float64{end, end}, Y: []float64{y[0], y[0]}})
	return p
}
