package report

import (
	"bytes"
	"image/color"
	"io"
	"path/filepath"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
	"github.com/whitebox-nn/whitebox/internal/given"
)

// dpi is the resolution of the PNGs: twice that of a screen, so that they stay
// sharp on one of high resolution.
const dpi = 192

// A Figure is a grid of plots with a key below them.
type Figure struct {
	Name    string // of its files, without an extension
	Caption string // below it on a page, and as the alternative text of the image
	rows    [][]Plot
	w, h    vg.Length // of one plot
}

// Write writes NAME.png and NAME.svg to dir.
func (f *Figure) Write(dir string) error {
	if err := f.check(); err != nil {
		return err
	}
	p := newPalette()
	p.add(f)
	_, err := f.write(dir, p)
	return err
}

// check reports a figure that Compose did not make, or whose name is no file's any more.
func (f *Figure) check() error {
	if f == nil || len(f.rows) == 0 || !(f.w > 0 && f.h > 0) {
		return errors.Wrap(ErrInput, "report: no figure: make it by Compose")
	}
	return checkName(f.Name)
}

// write writes both files and returns the PNG.
func (f *Figure) write(dir string, colors *palette) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := f.writePNG(&b, colors); err != nil {
		return nil, err
	}
	err := atomicfile.Write(filepath.Join(dir, f.Name+".png"), func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return errors.WithStack(err)
	})
	if err != nil {
		return nil, err
	}
	return b.Bytes(), atomicfile.Write(filepath.Join(dir, f.Name+".svg"),
		func(w io.Writer) error { return f.writeSVG(w, colors) })
}

// WritePNG writes the figure as a PNG.
func (f *Figure) WritePNG(w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	if given.Nil(w) {
		return errors.Wrapf(ErrInput, "report: figure %q: no writer", f.Name)
	}
	p := newPalette()
	p.add(f)
	return f.writePNG(w, p)
}

// WriteSVG writes the figure as an SVG. Its text is in Liberation Sans or what the
// reader has of the same widths, as Arial; the file has no font inside.
func (f *Figure) WriteSVG(w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	if given.Nil(w) {
		return errors.Wrapf(ErrInput, "report: figure %q: no writer", f.Name)
	}
	p := newPalette()
	p.add(f)
	return f.writeSVG(w, p)
}

func (f *Figure) writePNG(w io.Writer, colors *palette) error {
	k := newKey(f.rows, colors)
	width, height := f.size(k)
	c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
	if err := f.draw(draw.New(c), k, colors); err != nil {
		return err
	}
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return errors.WithStack(err)
}

func (f *Figure) writeSVG(w io.Writer, colors *palette) error {
	k := newKey(f.rows, colors)
	c := vgsvg.NewWith(vgsvg.UseWH(f.size(k)))
	if err := f.draw(draw.New(c), k, colors); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return errors.WithStack(err)
	}
	const named, widths = "font-family:Liberation Sans;",
		"font-family:'Liberation Sans',Arimo,Arial,Helvetica,sans-serif;"
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte(named), []byte(widths)))
	return errors.WithStack(err)
}

// columns returns the number of plots in the longest row.
func (f *Figure) columns() int {
	n := 0
	for _, row := range f.rows {
		n = max(n, len(row))
	}
	return n
}

// plotsSize returns the size of the plots without the key.
func (f *Figure) plotsSize() (w, h vg.Length) {
	return f.w * vg.Length(f.columns()), f.h * vg.Length(len(f.rows))
}

func (f *Figure) size(k *key) (w, h vg.Length) {
	w, h = f.plotsSize()
	return w, h + k.height(w-2*figurePad)
}

const figurePad = 6 // points around a figure

// draw draws the plots, aligned, and the key below them.
func (f *Figure) draw(c draw.Canvas, k *key, colors *palette) error {
	below := k.height(c.Size().X - 2*figurePad)
	k.draw(draw.Crop(c, figurePad, -figurePad, 0, below-c.Size().Y))
	c = draw.Crop(c, 0, 0, below, 0)

	grid := make([][]*plot.Plot, len(f.rows)) // rows of one length, as Align wants them
	for i, row := range f.rows {
		grid[i] = make([]*plot.Plot, f.columns())
		for j := range row {
			p, err := row[j].draw(colors)
			if err != nil {
				return errors.WithMessagef(err, "report: figure %q: plot %d of row %d", f.Name, j, i)
			}
			grid[i][j] = p
		}
	}
	tiles := draw.Tiles{
		Rows: len(grid), Cols: f.columns(),
		PadTop: figurePad, PadBottom: figurePad, PadLeft: figurePad, PadRight: figurePad, PadX: 2 * figurePad,
		PadY: 2 * figurePad,
	}
	for i, cells := range plot.Align(grid, tiles, c) {
		f.drawRow(f.rows[i], grid[i], cells)
	}
	return nil
}

// drawRow draws the plots of row i, their titles at one height and in the middle of their axes.
func (f *Figure) drawRow(row []Plot, plots []*plot.Plot, cells []draw.Canvas) {
	top := vg.Length(0)
	for j := range row {
		top = max(top, cells[j].Max.Y)
	}
	for j := range row {
		p, cell := plots[j], cells[j]
		if f.hasBar(j) {
			cell = draw.Crop(cell, 0, -barRoom, 0, 0)
		}
		title := p.Title.Text
		if title != "" {
			p.Title.Text = " " // keeps its room
		}
		if row[j].Square {
			cell = squared(p, cell)
		}
		p.Draw(cell)
		axes := p.DataCanvas(cell)
		if q := row[j].Picture; q != nil && q.Bar != "" {
			q.drawBar(cells[j], axes.Rectangle)
		}
		if q := row[j].Picture; q != nil && (len(q.Starts) > 0 || q.axes()) {
			outline(cells[j], axes.Rectangle, draw.LineStyle{Color: color.Black, Width: 0.5})
		}
		if title != "" {
			at := vg.Point{X: axes.Center().X, Y: top + p.Title.TextStyle.FontExtents().Descent}
			cells[j].FillText(p.Title.TextStyle, at, title)
		}
	}
}

// hasBar says whether a picture in column j has a colour bar: all plots of the
// column leave room for it, so that they stay below one another.
func (f *Figure) hasBar(j int) bool {
	for _, row := range f.rows {
		if j < len(row) && row[j].Picture != nil && row[j].Picture.Bar != "" {
			return true
		}
	}
	return false
}

// squared returns the part of a cell in which one unit of x is as long as one of y.
func squared(p *plot.Plot, cell draw.Canvas) draw.Canvas {
	size := p.DataCanvas(cell).Size()
	wide, high := size.X/vg.Length(p.X.Max-p.X.Min), size.Y/vg.Length(p.Y.Max-p.Y.Min)
	if wide > high {
		cut := (size.X - high*vg.Length(p.X.Max-p.X.Min)) / 2
		return draw.Crop(cell, cut, -cut, 0, 0)
	}
	cut := (size.Y - wide*vg.Length(p.Y.Max-p.Y.Min)) / 2
	return draw.Crop(cell, 0, 0, cut, -cut)
}
