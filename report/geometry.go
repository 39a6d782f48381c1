package report

import (
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
)

const geometryWords = "A row for each objective. Left: singular values of all features, about their mean. Middle: " +
	"the same for each class. " +
	"A spectrum that falls at once is a class that collapsed to a point or a line; one that stays up is a class " +
	"that fills a subspace. The scales of a column are the same. " +
	"Right: |cos| between all pairs of samples, sorted by class: blocks on the diagonal are classes, white beside " +
	"them is orthogonality."

// components is the length of the spectra that are drawn, as in the figures of
// the MCR² paper's code.
const components = 30

// geometry draws the spectra, overall and by class, and the cosine map, a row for
// each run.
func geometry(r *Report) (*Figure, error) {
	var whole, classes, maps []Plot
	for _, run := range r.Runs {
		if len(run.Spectrum) == 0 && len(run.ClassSpectra) == 0 && run.Cosines == nil {
			continue
		}
		cosines := Plot{Title: run.Name + ": |cos|"}
		if run.Cosines != nil {
			if err := checkCosines(run.Cosines); err != nil {
				return nil, errors.WithMessagef(err, "run %q", run.Name)
			}
			cosines.X, cosines.Picture = "samples by class", CosineMap(run.Cosines, run.Starts)
		}
		whole = append(whole, spectra(run.Name+": all features", [][]float64{run.Spectrum}, false))
		classes = append(classes, spectra(run.Name+": by class", run.ClassSpectra, true))
		maps = append(maps, cosines)
	}
	sameRange(whole)
	sameRange(classes)
	rows := make([][]Plot, len(whole))
	for i := range rows {
		rows[i] = []Plot{whole[i], classes[i], maps[i]}
	}
	return compose("geometry", "Spectra of the features, overall and by class, and cosines between them.", 3.1, 2.8,
		rows...)
}

// spectra returns a line for each spectrum: a class each, or one of all.
func spectra(title string, of [][]float64, byClass bool) Plot {
	p := Plot{Title: title, X: "component", Y: "singular value", WholeX: true}
	for j, s := range of {
		s = s[:min(len(s), components)]
		if len(s) == 0 {
			continue
		}
		c := Curve{Y: s, X: make([]float64, len(s)), Dots: !byClass}
		for i := range c.X {
			c.X[i] = float64(i + 1)
		}
		if byClass {
			c.Name, c.class = "class "+strconv.Itoa(j), j+1
		}
		p.Curves = append(p.Curves, c)
	}
	return p
}

// checkCosines reports a matrix that is not one of |cos|.
func checkCosines(m mat.Matrix) error {
	if given.Nil(m) {
		return errors.Wrap(ErrInput, "no cosines")
	}
	n, cols := m.Dims()
	if n == 0 || n != cols {
		return errors.Wrapf(ErrInput, "cosines are %d×%d, want them square", n, cols)
	}
	for i := range n {
		for j := range n {
			if v := m.At(i, j); !(v >= 0 && v <= 1+1e-9) {
				return errors.Wrapf(ErrInput, "cosines hold %v at row %d, column %d, want |cos| in [0, 1]", v, i, j)
			}
		}
	}
	return nil
}
