package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/pkg/errors"
)

// draw makes the plot, which check has found right.
func (q *Plot) draw(colors *palette) (*plot.Plot, error) {
	p := newPlot(q.Title, q.X, q.Y)
	if q.Picture != nil {
		q.Picture.add(p)
		return p, nil
	}
	addGrid(p)
	for _, faint := range []bool{true, false} {
		for i := range q.Curves {
			if q.Curves[i].Faint == faint {
				if err := q.Curves[i].add(p, colors); err != nil {
					return nil, err
				}
			}
		}
	}
	for i := range q.Clouds {
		if err := q.Clouds[i].add(p); err != nil {
			return nil, err
		}
	}
	x, y := q.extents()
	x.set(&p.X, q.LogX, q.WholeX)
	y.set(&p.Y, q.LogY, q.WholeY && !q.LogY)
	return p, nil
}

// extents returns the ranges of the points, and of what is asked for.
func (q *Plot) extents() (x, y extent) {
	x, y = extent{math.Inf(1), math.Inf(-1)}, extent{math.Inf(1), math.Inf(-1)}
	for i := range q.Curves {
		x.take(q.Curves[i].X...)
		y.take(q.Curves[i].Y...)
	}
	for i := range q.Clouds {
		x.take(q.Clouds[i].X...)
		y.take(q.Clouds[i].Y...)
	}
	if q.RangeY[0] != 0 || q.RangeY[1] != 0 {
		y.take(q.RangeY[:]...)
	}
	if x.lo > x.hi { // an empty plot
		x = extent{0, 1}
	}
	if y.lo > y.hi {
		y = extent{0, 1}
	}
	return x, y
}

// line returns how the curve is drawn.
func (c *Curve) line(colors *palette) draw.LineStyle {
	s := draw.LineStyle{Color: colors.color(c.colorName()), Width: 1.3}
	if c.class > 0 {
		s.Color = classColor(c.class - 1)
	}
	if c.Faint {
		s.Color, s.Width = faded(s.Color), 0.8
	}
	if c.Dashed {
		s.Dashes = []vg.Length{4, 3}
	}
	return s
}

// marks says whether the points of the curve are marked: one point alone would not be seen.
func (c *Curve) marks() bool { return c.Dots && !c.Step || len(c.X) == 1 }

// glyph returns how the points of the curve are marked.
func (c *Curve) glyph(colors *palette) draw.GlyphStyle {
	return draw.GlyphStyle{Color: c.line(colors).Color, Shape: colors.mark(c.colorName()), Radius: 2}
}

func (c *Curve) add(p *plot.Plot, colors *palette) error {
	x, y := c.X, c.Y
	if c.Step {
		x, y = steps(x, y)
	}
	line, points, err := plotter.NewLinePoints(pairs(x, y))
	if err != nil {
		return errors.Wrapf(ErrInput, "curve %q: %v", c.Name, err)
	}
	line.LineStyle, points.GlyphStyle = c.line(colors), c.glyph(colors)
	p.Add(line)
	if c.marks() {
		p.Add(points)
	}
	return nil
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

func (c *Cloud) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: classColor(c.Class), Shape: draw.CircleGlyph{}, Radius: 1.6}
}

func (c *Cloud) add(p *plot.Plot) error {
	s, err := plotter.NewScatter(pairs(c.X, c.Y))
	if err != nil {
		return errors.Wrapf(ErrInput, "cloud %q: %v", c.Name, err)
	}
	s.GlyphStyle = c.glyph()
	p.Add(s)
	return nil
}

func pairs(x, y []float64) plotter.XYs {
	xys := make(plotter.XYs, len(x))
	for i := range x {
		xys[i] = plotter.XY{X: x[i], Y: y[i]}
	}
	return xys
}
