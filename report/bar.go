package report

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	barWidth = 8  // points
	barRoom  = 52 // what a colour bar takes at the right of a plot, with its numbers and its name
)

// drawBar draws the scale of the picture at the right of the plot whose data are
// on the canvas, as high as it is.
func (q *Picture) drawBar(c draw.Canvas, data vg.Rectangle) {
	lo, hi := q.scale()
	if lo == hi {
		lo, hi = lo-0.5, hi+0.5
	}
	x0, y0, high := data.Max.X+8, data.Min.Y, data.Size().Y
	const parts = 64
	for k := range parts {
		bottom, top := y0+high*vg.Length(k)/parts, y0+high // up to the top, or there would be seams
		c.FillPolygon(q.color(lo+(hi-lo)*(float64(k)+0.5)/parts, lo, hi), []vg.Point{
			{X: x0, Y: bottom}, {X: x0 + barWidth, Y: bottom}, {X: x0 + barWidth, Y: top}, {X: x0, Y: top},
		})
	}
	line := draw.LineStyle{Color: color.Black, Width: 0.5}
	outline(c, vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x0 + barWidth, Y: y0 + high}}, line)
	style := text.Style{
		Color: color.Black, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: 8},
		YAlign: text.YCenter, Handler: plot.DefaultTextHandler,
	}
	widest := vg.Length(0)
	for _, t := range ticks(lo, hi) {
		y := y0 + high*vg.Length((t.Value-lo)/(hi-lo))
		c.StrokeLine2(line, x0+barWidth, y, x0+barWidth+2, y)
		c.FillText(style, vg.Point{X: x0 + barWidth + 4, Y: y}, t.Label)
		widest = max(widest, style.Width(t.Label))
	}
	style.XAlign, style.YAlign, style.Rotation = text.XCenter, text.YTop, math.Pi/2
	c.FillText(style, vg.Point{X: x0 + barWidth + 6 + widest, Y: y0 + high/2}, q.Bar)
}

// outline draws the border of a rectangle.
func outline(c draw.Canvas, r vg.Rectangle, line draw.LineStyle) {
	c.StrokeLines(line, []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}, r.Min})
}
