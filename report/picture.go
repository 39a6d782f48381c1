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
	"gonum.org/v1/plot/vg/draw"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// A Picture is a matrix drawn as pixels, its first row on top, in square pixels
// unless it has axes.
type Picture struct {
	Values mat.Matrix // NaN is left white
	Lo, Hi float64    // values of the ends of the scale; both 0: the least and the greatest value
	Signed bool       // blue below 0, white at 0, red above, not black to white; both ends 0: as far both ways
	Blues  bool       // white at Lo to navy at Hi, not black to white
	Bar    string     // what the colours are, beside a colour bar; empty: no bar

	Starts []int      // where each class begins in the rows and the columns, and their number: axes with the classes
	Axes   [4]float64 // the ends of the axes: left, right, bottom, top; all 0: no axes
}

// CosineMap returns the picture of |cos| between samples sorted by class, n×n
// with values in [0, 1]: white where they are orthogonal, navy where they are
// parallel. starts is where each class begins, and n; nil leaves the classes out.
func CosineMap(cosines mat.Matrix, starts []int) *Picture {
	return &Picture{Values: cosines, Lo: 0, Hi: 1, Blues: true, Bar: "|cos|", Starts: starts}
}

// Tiles returns the pictures in the rows of images, each h×w and row-major, laid
// out as one matrix with the given number of columns, with a border of NaN between
// them.
//
// Errors: ErrInput if the sizes do not fit.
func Tiles(images mat.Matrix, h, w, columns int) (*mat.Dense, error) {
	if given.Nil(images) {
		return nil, errors.Wrap(ErrInput, "report: tiles of no images")
	}
	n, d := images.Dims()
	if size, ok := sizes.Product(h, w); n == 0 || h < 1 || w < 1 || !ok || d != size || columns < 1 {
		return nil, errors.Wrapf(ErrInput, "report: tiles: %d images of %d numbers as %d×%d in %d columns; want "+
			"images of that size, and at least 1 of each", n, d, h, w, columns)
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

// check reports what cannot be drawn.
func (q *Picture) check() error {
	rows, cols := 0, 0
	if q.Values != nil {
		rows, cols = q.Values.Dims()
	}
	if rows == 0 || cols == 0 {
		return errors.Wrap(ErrInput, "an empty picture")
	}
	for i := range rows {
		for j := range cols {
			if v := q.Values.At(i, j); math.IsInf(v, 0) {
				return errors.Wrapf(ErrInput, "pixel of row %d, column %d is %v, want a number, or NaN for none", i, j,
					v)
			}
		}
	}
	if lo, hi := q.scale(); q.fixed() && !(lo < hi) || math.IsInf(hi-lo, 0) {
		return errors.Wrapf(ErrInput, "a scale from %v to %v, want it to ascend", lo, hi)
	}
	for j := range len(q.Starts) - 1 {
		if lo, hi := q.Starts[j], q.Starts[j+1]; rows != cols || lo < 0 || hi < lo || hi > rows {
			return errors.Wrapf(ErrInput, "class %d is samples %d to %d of %d×%d", j, lo, hi, rows, cols)
		}
	}
	for k := range 2 {
		if lo, hi := q.Axes[2*k], q.Axes[2*k+1]; q.axes() && (!(lo < hi) || math.IsInf(hi-lo, 0)) {
			return errors.Wrapf(ErrInput, "an axis from %v to %v, want it to ascend", lo, hi)
		}
	}
	return nil
}

func (q *Picture) axes() bool  { return q.Axes != [4]float64{} }
func (q *Picture) fixed() bool { return q.Lo != 0 || q.Hi != 0 }

// add puts the picture in a plot.
func (q *Picture) add(p *plot.Plot) {
	if len(q.Starts) == 0 && !q.axes() {
		p.HideAxes()
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
		p.Add(framed{q.image()})
		return
	}
	at := q.Axes
	if len(q.Starts) > 0 {
		size := float64(q.Starts[len(q.Starts)-1])
		at = [4]float64{0, size, 0, size}
		q.classTicks(p, size)
	}
	p.Add(plotter.NewImage(q.image(), at[0], at[2], at[1], at[3]))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = at[0], at[1], at[2], at[3]
}

// classTicks names the classes along both axes of a map of size×size samples.
func (q *Picture) classTicks(p *plot.Plot, size float64) {
	var x, y []plot.Tick
	for j := range len(q.Starts) - 1 {
		at, name := float64(q.Starts[j]+q.Starts[j+1])/2, strconv.Itoa(j)
		x, y = append(x, plot.Tick{Value: at, Label: name}), append(y, plot.Tick{Value: size - at, Label: name})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(x), plot.ConstantTicks(y)
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
}

// pixels is the most a side of a map of classes has.
const pixels = 600

// image returns the picture as an image with so many pixels that renderers do not blur it.
func (q *Picture) image() image.Image {
	const sharp = 1800 // pixels of a wide figure: renderers would blur fewer
	values := q.Values
	if n, _ := values.Dims(); len(q.Starts) > 0 && n > pixels {
		values = reduced(values, pixels)
	}
	rows, cols := values.Dims()
	lo, hi := q.scale()
	side := max(1, sharp/max(rows, cols))
	img := image.NewRGBA(image.Rect(0, 0, cols*side, rows*side))
	for i := range rows {
		for j := range cols {
			c := q.color(values.At(i, j), lo, hi)
			for y := range side {
				for x := range side {
					img.SetRGBA(j*side+x, i*side+y, c)
				}
			}
		}
	}
	return img
}

// reduced returns a square matrix as side×side means of the values under each.
func reduced(m mat.Matrix, side int) *mat.Dense {
	n, _ := m.Dims()
	out := mat.NewDense(side, side, nil)
	out.Apply(func(i, j int, _ float64) float64 {
		sum, count := 0.0, 0.0
		for a := i * n / side; a < (i+1)*n/side; a++ {
			for b := j * n / side; b < (j+1)*n/side; b++ {
				sum += m.At(a, b)
				count++
			}
		}
		return sum / count
	}, out)
	return out
}

// scale returns the values of the ends of the scale.
func (q *Picture) scale() (lo, hi float64) {
	if q.fixed() {
		return q.Lo, q.Hi
	}
	rows, cols := q.Values.Dims()
	lo, hi = math.Inf(1), math.Inf(-1)
	for i := range rows {
		for j := range cols {
			if v := q.Values.At(i, j); !math.IsNaN(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo > hi { // nothing but NaN
		return 0, 1
	}
	if q.Signed {
		hi = max(-lo, hi)
		lo = -hi
	}
	return lo, hi
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
	switch {
	case q.Blues:
		return blue(at)
	case !q.Signed:
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

// framed draws an image as large as fits, in its own proportions.
type framed struct{ image.Image }

// Plot implements plot.Plotter.
func (f framed) Plot(c draw.Canvas, _ *plot.Plot) {
	size, b := c.Size(), f.Bounds()
	scale := min(size.X/vg.Length(b.Dx()), size.Y/vg.Length(b.Dy()))
	half := vg.Point{X: scale * vg.Length(b.Dx()) / 2, Y: scale * vg.Length(b.Dy()) / 2}
	centre := c.Center()
	r := vg.Rectangle{Min: centre.Sub(half), Max: centre.Add(half)}
	c.DrawImage(r, f.Image)
	outline(c, r, draw.LineStyle{Color: color.Gray{Y: 200}, Width: 0.5})
}
