package report

import (
	"bytes"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// dpi is the resolution of the PNGs: twice that of a screen, so that they stay
// sharp on one of high resolution.
const dpi = 192

// A Figure is a grid of plots.
type Figure struct {
	Name    string // of its files, without an extension
	Caption string // for who cannot see it
	plots   [][]*plot.Plot
	w, h    vg.Length // of one plot

	encode  sync.Once // to a PNG, for a file and the page
	encoded []byte
	err     error
}

// Write writes NAME.png and NAME.svg to dir.
func (f *Figure) Write(dir string) error {
	if err := atomicfile.Write(filepath.Join(dir, f.Name+".png"), f.WritePNG); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, f.Name+".svg"), f.WriteSVG)
}

// WritePNG writes the figure as a PNG.
func (f *Figure) WritePNG(w io.Writer) error {
	picture, err := f.png()
	if err != nil {
		return err
	}
	_, err = w.Write(picture)
	return errors.WithStack(err)
}

// WriteSVG writes the figure as an SVG that needs no font but itself.
func (f *Figure) WriteSVG(w io.Writer) error {
	width, height := f.size()
	c := vgsvg.NewWith(vgsvg.UseWH(width, height), vgsvg.EmbedFonts(true))
	f.draw(draw.New(c))
	_, err := c.WriteTo(w)
	return errors.WithStack(err)
}

// png returns the figure as a PNG, which it keeps.
func (f *Figure) png() ([]byte, error) {
	f.encode.Do(func() {
		width, height := f.size()
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
		f.draw(draw.New(c))
		var b bytes.Buffer
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(&b)
		f.encoded, f.err = b.Bytes(), errors.WithStack(err)
	})
	return f.encoded, f.err
}

// columns returns the number of plots in the longest row.
func (f *Figure) columns() int {
	n := 0
	for _, row := range f.plots {
		n = max(n, len(row))
	}
	return n
}

func (f *Figure) size() (w, h vg.Length) {
	return f.w * vg.Length(f.columns()), f.h * vg.Length(len(f.plots))
}

func (f *Figure) draw(c draw.Canvas) {
	const pad = 6
	grid := make([][]*plot.Plot, len(f.plots)) // rows of one length, as Align wants them
	for i, row := range f.plots {
		grid[i] = make([]*plot.Plot, f.columns())
		copy(grid[i], row)
	}
	tiles := draw.Tiles{
		Rows: len(grid), Cols: f.columns(),
		PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad, PadX: 2 * pad, PadY: 2 * pad,
	}
	for i, row := range plot.Align(grid, tiles, c) {
		drawRow(grid[i], row)
	}
}

// drawRow draws the plots of a row, their titles at one height and in the middle of their axes.
func drawRow(plots []*plot.Plot, cells []draw.Canvas) {
	top := vg.Length(0)
	for j, p := range plots {
		if p != nil {
			top = max(top, cells[j].Max.Y)
		}
	}
	for j, p := range plots {
		if p == nil {
			continue
		}
		title := p.Title.Text
		if title == "" {
			p.Draw(cells[j])
			continue
		}
		p.Title.Text = " " // keeps its room
		p.Draw(cells[j])
		axes := p.DataCanvas(cells[j])
		at := vg.Point{X: axes.Center().X, Y: top + p.Title.TextStyle.FontExtents().Descent}
		cells[j].FillText(p.Title.TextStyle, at, title)
		p.Title.Text = title
	}
}

// newPlot returns an empty plot with titles.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = 4
	for _, style := range []struct {
		font *font.Font
		size vg.Length
	}{
		{&p.Title.TextStyle.Font, 11},
		{&p.X.Label.TextStyle.Font, 9}, {&p.Y.Label.TextStyle.Font, 9},
		{&p.X.Tick.Label.Font, 8}, {&p.Y.Tick.Label.Font, 8},
		{&p.Legend.TextStyle.Font, 9},
	} {
		*style.font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: style.size}
	}
	p.Legend.Top, p.Legend.Padding, p.Legend.ThumbnailWidth = true, 2, 16
	p.Legend.XOffs, p.Legend.YOffs = -4, -2
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(ticks), plot.TickerFunc(ticks)
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 225}, color.Gray{Y: 225}
	p.Add(grid)
	return p
}

// ticks returns about five ticks at multiples of 1, 2 or 5 times a power of ten.
func ticks(lo, hi float64) []plot.Tick {
	if !(hi > lo) {
		return []plot.Tick{{Value: lo, Label: strconv.FormatFloat(lo, 'g', 4, 64)}}
	}
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/3)))
	for _, m := range []float64{5, 2} {
		if (hi-lo)/(m*step) >= 3 {
			step *= m
			break
		}
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var ts []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step; i++ {
		v := i * step
		if v == 0 {
			v = 0 // not −0
		}
		ts = append(ts, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', decimals, 64)})
	}
	return ts
}

// wholeTicks returns those of ticks that are whole numbers.
func wholeTicks(lo, hi float64) []plot.Tick {
	var ts []plot.Tick
	for _, t := range ticks(lo, hi) {
		if whole := math.Round(t.Value); math.Abs(t.Value-whole) < 1e-9 {
			ts = append(ts, plot.Tick{Value: t.Value, Label: strconv.FormatFloat(whole, 'f', 0, 64)})
		}
	}
	return ts
}

// A style says how to draw a line.
type style struct {
	color  color.Color
	width  vg.Length
	dashes []vg.Length
	dots   bool // mark each value
}

// addLine adds a line, with an entry in the legend unless name is empty.
func addLine(p *plot.Plot, name string, x, y []float64, s style) error {
	xys := make(plotter.XYs, len(x))
	for i := range x {
		xys[i] = plotter.XY{X: x[i], Y: y[i]}
	}
	line, points, err := plotter.NewLinePoints(xys)
	if err != nil {
		return errors.Wrapf(ErrInput, "line %q: %v", name, err)
	}
	line.Color, line.Width, line.Dashes = s.color, s.width, s.dashes
	points.Color, points.Shape, points.Radius = s.color, draw.CircleGlyph{}, 2
	p.Add(line)
	entries := []plot.Thumbnailer{line}
	if s.dots || len(x) == 1 {
		p.Add(points)
		entries = append(entries, points)
	}
	if name != "" {
		p.Legend.Add(name, entries...)
	}
	return nil
}

// legendRoom makes the y axis longer at the top by a share of its length, so
// that the legend covers no line.
func legendRoom(p *plot.Plot, share float64) {
	if span := p.Y.Max - p.Y.Min; span > 0 && !math.IsInf(span, 0) {
		p.Y.Max += share * span
	}
}

// classColor returns the colour of class j. Ten classes have ten; more begin
// again.
//
// Source: the qualitative palette "Tableau 10".
func classColor(j int) color.Color {
	palette := [...]color.RGBA{
		{0x4e, 0x79, 0xa7, 0xff}, {0xf2, 0x8e, 0x2b, 0xff}, {0xe1, 0x57, 0x59, 0xff}, {0x76, 0xb7, 0xb2, 0xff}, {0x59, 0xa1, 0x4f, 0xff},
		{0xed, 0xc9, 0x48, 0xff}, {0xb0, 0x7a, 0xa1, 0xff}, {0xff, 0x9d, 0xa7, 0xff}, {0x9c, 0x75, 0x5f, 0xff}, {0xba, 0xb0, 0xac, 0xff},
	}
	return palette[j%len(palette)]
}

// seriesColor returns the colour of curve j. They differ in lightness too, for
// who cannot tell the hues apart.
//
// Source: Okabe, Ito. Color universal design. 2008.
func seriesColor(j int) color.Color {
	palette := [...]color.RGBA{{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff}}
	return palette[j%len(palette)]
}
