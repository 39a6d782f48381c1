package report

import (
	"image/color"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Plot is one plot of a figure that a program composes: curves, clouds of
// points, or a picture.
type Plot struct {
	Title, X, Y string // of the plot and its axes
	LogX, LogY  bool   // logarithmic axes, of numbers above 0
	WholeY      bool   // whole numbers along y, which counts
	Curves      []Curve
	Clouds      []Cloud
	Picture     *Picture // fills the plot, without axes
}

// A Curve is a line through points. Numbers must be finite.
type Curve struct {
	Name   string // in the legend; may be empty
	X, Y   []float64
	Dots   bool // mark each point
	Dashed bool
	Step   bool // horizontal from each point on, then up or down: for integers
}

// A Cloud is points of one class, without lines. Numbers must be finite.
type Cloud struct {
	Name  string // in the legend; may be empty
	X, Y  []float64
	Class int // its colour; −1 is grey
}

// Compose returns a figure of rows of plots, each width×height inches. It is
// written as name.png and name.svg; caption is for who cannot see it.
//
// Errors: ErrInput if lengths differ or a number cannot be drawn.
func Compose(name, caption string, width, height float64, rows ...[]Plot) (*Figure, error) {
	if name == "" || !(width > 0 && height > 0) || len(rows) == 0 {
		return nil, errors.Wrapf(ErrInput, "report: figure %q of %d rows, plots of %v×%v inches; want a name, sizes above 0 and at least one row", name, len(rows), width, height)
	}
	f := &Figure{Name: name, Caption: caption, w: vg.Length(width) * vg.Inch, h: vg.Length(height) * vg.Inch}
	for i, row := range rows {
		drawn := make([]*plot.Plot, len(row))
		for j := range row {
			p, err := row[j].draw(f.w, f.h)
			if err != nil {
				return nil, errors.WithMessagef(err, "report: figure %q: plot %d of row %d", name, j, i)
			}
			drawn[j] = p
		}
		f.plots = append(f.plots, drawn)
	}
	return f, nil
}

func (q *Plot) draw(width, height vg.Length) (*plot.Plot, error) {
	p := newPlot(q.Title, q.X, q.Y)
	if q.Picture != nil {
		return p, q.Picture.add(p)
	}
	for i := range q.Clouds {
		if err := q.addCloud(p, &q.Clouds[i]); err != nil {
			return nil, errors.WithMessagef(err, "cloud %d, %q", i, q.Clouds[i].Name)
		}
	}
	for i := range q.Curves {
		if err := q.addCurve(p, &q.Curves[i], q.curveColor(i)); err != nil {
			return nil, errors.WithMessagef(err, "curve %d, %q", i, q.Curves[i].Name)
		}
	}
	if q.LogX {
		logarithmic(&p.X)
	}
	if q.LogY {
		logarithmic(&p.Y)
	}
	if q.WholeY && !q.LogY {
		p.Y.Tick.Marker = plot.TickerFunc(wholeTicks)
	}
	q.placeLegend(p, width, height)
	return p, nil
}

// logarithmic makes an axis logarithmic. Where all values are one, it gives them room by
// a factor: the plot would do so by a difference, which may end below 0.
func logarithmic(a *plot.Axis) {
	a.Scale, a.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	if a.Min == a.Max {
		a.Min, a.Max = a.Min/2, a.Max*2
	}
}

// curveColor returns the colour of curve i: one that all can tell apart as long
// as there are few.
func (q *Plot) curveColor(i int) color.Color {
	if len(q.Curves) <= 4 {
		return seriesColor(i)
	}
	return classColor(i)
}

func (q *Plot) addCurve(p *plot.Plot, c *Curve, col color.Color) error {
	if err := q.check(c.X, c.Y); err != nil {
		return err
	}
	x, y := c.X, c.Y
	if c.Step {
		x, y = steps(x, y)
	}
	s := style{color: col, width: 1.3, dots: c.Dots && !c.Step}
	if c.Dashed {
		s.dashes = []vg.Length{4, 3}
	}
	return addLine(p, c.Name, x, y, s)
}

// steps returns the corners of the staircase through the points.
func steps(x, y []float64) (sx, sy []float64) {
	for i := range x {
		if i > 0 {
			sx, sy = append(sx, x[i]), append(sy, y[i-1])
		}
		sx, sy = append(sx, x[i]), append(sy, y[i])
	}
	return sx, sy
}

func (q *Plot) addCloud(p *plot.Plot, c *Cloud) error {
	if err := q.check(c.X, c.Y); err != nil {
		return err
	}
	xys := make(plotter.XYs, len(c.X))
	for i := range c.X {
		xys[i] = plotter.XY{X: c.X[i], Y: c.Y[i]}
	}
	s, err := plotter.NewScatter(xys)
	if err != nil {
		return errors.Wrap(ErrInput, err.Error())
	}
	s.GlyphStyle = draw.GlyphStyle{Color: color.Gray{Y: 150}, Shape: draw.CircleGlyph{}, Radius: 1.6}
	if c.Class >= 0 {
		s.Color = classColor(c.Class)
	}
	p.Add(s)
	if c.Name != "" {
		p.Legend.Add(c.Name, s)
	}
	return nil
}

// check reports points that cannot be drawn.
func (q *Plot) check(x, y []float64) error {
	if len(x) == 0 || len(x) != len(y) {
		return errors.Wrapf(ErrInput, "%d abscissas for %d ordinates, want as many and at least 1", len(x), len(y))
	}
	for i := range x {
		if x[i]-x[i] != 0 || y[i]-y[i] != 0 || q.LogX && x[i] <= 0 || q.LogY && y[i] <= 0 {
			return errors.Wrapf(ErrInput, "point %d is (%v, %v), want numbers, and above 0 on logarithmic axes", i, x[i], y[i])
		}
	}
	return nil
}

// logTicks returns a tick at each power of ten, with minor ones at its multiples;
// the multiples are labelled where few powers fit.
func logTicks(lo, hi float64) []plot.Tick {
	var ts []plot.Tick
	few := hi < 30*lo
	for e := math.Floor(math.Log10(lo)); math.Pow(10, e) <= hi*(1+1e-9); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 || few && (m == 2 || m == 5) {
				t.Label = short(v)
			}
			ts = append(ts, t)
		}
	}
	return ts
}
