package lista

import (
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"

	"github.com/whitebox-nn/whitebox/report"
)

const layersWords = "The error of the codes of some layers on the batches that a network is trained on, by step, " +
	"smoothed over 9 of them that were logged: what the probes of its graph say (models.LISTANet). " +
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
				c.Y = means(c.Y)
				plot.Curves = append(plot.Curves, c)
			}
		}
		if len(plot.Curves) > 0 {
			plots = append(plots, plot)
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
	return report.Section{Title: "Layers while they learn", Words: []string{layersWords}, Figures: []*report.Figure{f}},
		err
}

// means returns the mean of each value and up to four on either side: a batch is
// easier than the next.
func means(values []float64) []float64 {
	out := make([]float64, len(values))
	for i := range values {
		near := values[max(0, i-4):min(len(values), i+5)]
		out[i] = stat.Mean(near, nil)
	}
	return out
}
