package report

import (
	"image"
	"image/color"
	"math"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Picture is a matrix drawn as pixels, its first row on top, in square pixels.
type Picture struct {
	Values mat.Matrix // NaN is left white
	Lo, Hi float64    // values of the ends of the scale; both 0: the least and the greatest value
	Signed bool       // blue below 0, white at 0, red above, not black to white; both ends 0: as far both ways
}

// Tiles returns the pictures in the rows of images, each h×w and row-major, laid
// out as one matrix with the given number of columns, with a border of NaN between
// them.
//
// Errors: ErrInput if the sizes do not fit.
func Tiles(images mat.Matrix, h, w, columns int) (*mat.Dense, error) {
	n, d := images.Dims()
	if n == 0 || h < 1 || w < 1 || d != h*w || columns < 1 {
		return nil, errors.Wrapf(ErrInput, "report: tiles: %d images of %d numbers as %d×%d in %d columns; want images of that size, and at least 1 of each", n, d, h, w, columns)
	}
	columns = min(columns, n)
	rows := (n + columns - 1) / columns
	out := mat.NewDense(rows*(h+1)-1, columns*(w+1)-1, nil)
	out.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, out)
	for i := range n {
		top, left := i/columns*(h+1), i%columns*(w+1)
		for r := range h {
			for c := range w {
				out.Set(top+r, left+c, images.At(i, r*w+c))
			}
		}
	}
	return out, nil
}

// add puts the picture in a plot.
func (q *Picture) add(p *plot.Plot) error {
	rows, cols := 0, 0
	if q.Values != nil {
		rows, cols = q.Values.Dims()
	}
	if rows == 0 || cols == 0 {
		return errors.Wrap(ErrInput, "an empty picture")
	}
	lo, hi, err := q.scale()
	if err != nil {
		return err
	}
	const sharp = 1800 // pixels of a wide figure: renderers would blur fewer
	side := max(1, sharp/max(rows, cols))
	img := image.NewRGBA(image.Rect(0, 0, cols*side, rows*side))
	for i := range rows {
		for j := range cols {
			c := q.color(q.Values.At(i, j), lo, hi)
			for y := range side {
				for x := range side {
					img.SetRGBA(j*side+x, i*side+y, c)
				}
			}
		}
	}
	p.HideAxes()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	p.Add(framed{img})
	return nil
}

// scale returns the values of the ends of the scale.
func (q *Picture) scale() (lo, hi float64, err error) {
	rows, cols := q.Values.Dims()
	lo, hi = math.Inf(1), math.Inf(-1)
	for i := range rows {
		for j := range cols {
			v := q.Values.At(i, j)
			if math.IsInf(v, 0) {
				return 0, 0, errors.Wrapf(ErrInput, "pixel of row %d, column %d is %v, want a number, or NaN for none", i, j, v)
			}
			if !math.IsNaN(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if q.Signed {
		hi = max(-lo, hi)
		lo = -hi
	}
	if q.Lo != 0 || q.Hi != 0 {
		lo, hi = q.Lo, q.Hi
		if !(lo < hi) || math.IsInf(hi-lo, 0) {
			return 0, 0, errors.Wrapf(ErrInput, "a scale from %v to %v, want it to ascend", lo, hi)
		}
	}
	return lo, hi, nil
}

// color returns the colour of v on a scale from lo to hi.
func (q *Picture) color(v, lo, hi float64) color.RGBA {
	if math.IsNaN(v) {
		return color.RGBA{255, 255, 255, 255}
	}
	at := 0.5
	if hi > lo {
		at = min(max((v-lo)/(hi-lo), 0), 1)
	}
	if !q.Signed {
		y := uint8(math.Round(255 * at))
		return color.RGBA{y, y, y, 255}
	}
	far, end := 1-2*at, [3]float64{33, 102, 172} // blue
	if at > 0.5 {
		far, end = 2*at-1, [3]float64{178, 24, 43} // red
	}
	mix := func(c float64) uint8 { return uint8(math.Round(255 + far*(c-255))) }
	return color.RGBA{mix(end[0]), mix(end[1]), mix(end[2]), 255}
}

// framed draws an image as large as fits, in its own proportions.
type framed struct{ image.Image }

// Plot implements plot.Plotter.
func (f framed) Plot(c draw.Canvas, _ *plot.Plot) {
	size, b := c.Size(), f.Bounds()
	scale := min(size.X/vg.Length(b.Dx()), size.Y/vg.Length(b.Dy()))
	half := vg.Point{X: scale * vg.Length(b.Dx()) / 2, Y: scale * vg.Length(b.Dy()) / 2}
	centre := c.Center()
	c.DrawImage(vg.Rectangle{Min: centre.Sub(half), Max: centre.Add(half)}, f.Image)
}

// short returns a number in as few characters as it needs, and without an exponent up to a million.
func short(v float64) string {
	if a := math.Abs(v); a >= 1e4 && a <= 1e6 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
