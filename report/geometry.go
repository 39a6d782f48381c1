package report

import (
	"image"
	"image/color"
	"math"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

const geometryWords = "A row for each objective. Left: singular values of all features, about their mean. Middle: the same for each class. " +
	"A spectrum that falls at once is a class that collapsed to a point or a line; one that stays up is a class that fills a subspace. The scales of a column are the same. " +
	"Right: |cos| between all pairs of samples, sorted by class: blocks on the diagonal are classes, white beside them is orthogonality."

// components is the length of the spectra that are drawn, as in the figures of
// the MCR² paper's code; pixels the most a side of a cosine map has.
const (
	components = 30
	pixels     = 600
)

// geometry draws the spectra, overall and by class, and the cosine map, a row for
// each run.
func geometry(r *Report) (*Figure, error) {
	f := &Figure{Name: "geometry", Caption: "Spectra of the features, overall and by class, and cosines between them.", w: 3 * vg.Inch, h: 2.8 * vg.Inch}
	var whole, classes []*plot.Plot
	for _, run := range r.Runs {
		if len(run.Spectrum) == 0 && len(run.ClassSpectra) == 0 && run.Cosines == nil {
			continue
		}
		overall, err := spectra(run.Name+": all features", [][]float64{run.Spectrum}, seriesColor)
		if err != nil {
			return nil, errors.WithMessagef(err, "run %q: spectrum", run.Name)
		}
		byClass, err := spectra(run.Name+": by class", run.ClassSpectra, classColor)
		if err != nil {
			return nil, errors.WithMessagef(err, "run %q: class spectra", run.Name)
		}
		cosines, err := cosineMap(run)
		if err != nil {
			return nil, errors.WithMessagef(err, "run %q", run.Name)
		}
		whole, classes = append(whole, overall), append(classes, byClass)
		f.plots = append(f.plots, []*plot.Plot{overall, byClass, cosines})
	}
	if len(f.plots) == 0 {
		return nil, nil
	}
	sameScale(whole)
	sameScale(classes)
	return f, nil
}

// spectra draws one line for each spectrum.
func spectra(title string, of [][]float64, colors func(int) color.Color) (*plot.Plot, error) {
	p := newPlot(title, "component", "singular value")
	p.X.Min, p.Y.Min = 1, 0
	for j, s := range of {
		s = s[:min(len(s), components)]
		if len(s) == 0 {
			continue
		}
		x := make([]float64, len(s))
		for i := range x {
			x[i] = float64(i + 1)
		}
		if err := addLine(p, "", x, s, style{color: colors(j), width: 1.2, dots: len(of) == 1}); err != nil {
			return nil, errors.WithMessagef(err, "spectrum %d", j)
		}
	}
	return p, nil
}

// cosineMap draws run.Cosines in blues, 0 white.
func cosineMap(run Run) (*plot.Plot, error) {
	p := newPlot(run.Name+": |cos|", "samples by class", "")
	if run.Cosines == nil {
		return p, nil
	}
	n, cols := run.Cosines.Dims()
	if n == 0 || n != cols {
		return nil, errors.Wrapf(ErrInput, "cosines are %d×%d, want them square", n, cols)
	}
	img, err := blues(run.Cosines, max(n, pixels)/n*min(n, pixels)) // whole pixels for a sample, or samples for a pixel
	if err != nil {
		return nil, err
	}
	size := float64(n)
	p.Add(plotter.NewImage(img, 0, 0, size, size))
	var x, y []plot.Tick
	for j := range len(run.Starts) - 1 {
		at, name := float64(run.Starts[j]+run.Starts[j+1])/2, strconv.Itoa(j)
		if run.Starts[j] < 0 || run.Starts[j+1] < run.Starts[j] || run.Starts[j+1] > n {
			return nil, errors.Wrapf(ErrInput, "class %d is samples %d to %d of %d", j, run.Starts[j], run.Starts[j+1], n)
		}
		x, y = append(x, plot.Tick{Value: at, Label: name}), append(y, plot.Tick{Value: size - at, Label: name})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(x), plot.ConstantTicks(y)
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.Padding, p.Y.Padding = 0, 0
	return p, nil
}

// blues returns a picture of m, n×n with values from 0, white, to 1, dark blue:
// side×side pixels, each the mean of the values under it.
func blues(m mat.Matrix, side int) (image.Image, error) {
	n, _ := m.Dims()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	under := func(i int) (lo, hi int) { return i * n / side, max((i+1)*n/side, i*n/side+1) }
	for i := range side {
		i0, i1 := under(i)
		for j := range side {
			j0, j1 := under(j)
			v := blockMean(m, i0, i1, j0, j1)
			if !(v >= 0 && v <= 1+1e-9) {
				return nil, errors.Wrapf(ErrInput, "cosines hold %v about row %d, column %d, want |cos| in [0, 1]", v, i0, j0)
			}
			img.SetRGBA(j, i, blue(math.Min(v, 1)))
		}
	}
	return img, nil
}

// blockMean returns the mean of rows i0, …, i1−1 and columns j0, …, j1−1.
func blockMean(m mat.Matrix, i0, i1, j0, j1 int) float64 {
	sum := 0.0
	for i := i0; i < i1; i++ {
		for j := j0; j < j1; j++ {
			sum += m.At(i, j)
		}
	}
	return sum / float64((i1-i0)*(j1-j0))
}

// blue returns the colour of v in [0, 1]: white, sky blue, navy, with straight
// lines between.
func blue(v float64) color.RGBA {
	stops := [...][3]float64{{255, 255, 255}, {107, 174, 214}, {8, 48, 107}}
	at := v * 2
	i := min(int(at), 1)
	mix := func(c int) uint8 {
		return uint8(math.Round(stops[i][c] + (at-float64(i))*(stops[i+1][c]-stops[i][c])))
	}
	return color.RGBA{mix(0), mix(1), mix(2), 255}
}
