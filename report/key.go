package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A key says below the plots of a figure what their lines and points are: each name appears once.
type key struct {
	entries []entry
	style   text.Style
}

type entry struct {
	name   string
	line   *draw.LineStyle // nil for points alone
	points *draw.GlyphStyle
}

const (
	keySample = 18 // points: the length of a line in the key
	keyGap    = 5  // between a line and its name
	keySpace  = 14 // between entries
	keyLine   = 14 // the height of a line of entries
)

// newKey returns the names of the curves and clouds of the plots, in order.
func newKey(rows [][]Plot, colors *palette) *key {
	k := &key{style: text.Style{
		Color: color.Black, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: 9},
		YAlign: text.YCenter, Handler: plot.DefaultTextHandler,
	}}
	seen := map[string]bool{"": true}
	for _, row := range rows {
		for i := range row {
			for j := range row[i].Clouds {
				if c := &row[i].Clouds[j]; !seen[c.Name] {
					g := c.glyph()
					g.Radius = 3
					seen[c.Name], k.entries = true, append(k.entries, entry{name: c.Name, points: &g})
				}
			}
			for j := range row[i].Curves {
				if c := &row[i].Curves[j]; !seen[c.Name] {
					line := c.line(colors)
					e := entry{name: c.Name, line: &line}
					if c.marks() {
						g := c.glyph(colors)
						e.points = &g
					}
					seen[c.Name], k.entries = true, append(k.entries, e)
				}
			}
		}
	}
	return k
}

// lines breaks the entries into lines of at most the width.
func (k *key) lines(width vg.Length) (lines [][]entry) {
	at := vg.Length(0)
	for _, e := range k.entries {
		w := k.width(e)
		if len(lines) == 0 || at+keySpace+w > width {
			lines, at = append(lines, nil), -keySpace
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], e)
		at += keySpace + w
	}
	return lines
}

func (k *key) width(e entry) vg.Length { return keySample + keyGap + k.style.Width(e.name) }

// height returns what the key takes of a figure of that width.
func (k *key) height(width vg.Length) vg.Length {
	n := vg.Length(len(k.lines(width)))
	if n == 0 {
		return 0
	}
	return n*keyLine + 4
}

// draw draws the key from the top of a canvas, each line in its middle.
func (k *key) draw(c draw.Canvas) {
	y := c.Max.Y - keyLine/2
	for _, line := range k.lines(c.Size().X) {
		total := vg.Length(len(line)-1) * keySpace
		for _, e := range line {
			total += k.width(e)
		}
		x := c.Center().X - total/2
		for _, e := range line {
			if e.line != nil {
				c.StrokeLine2(*e.line, x, y, x+keySample, y)
			}
			if e.points != nil {
				c.DrawGlyph(*e.points, vg.Point{X: x + keySample/2, Y: y})
			}
			c.FillText(k.style, vg.Point{X: x + keySample + keyGap, Y: y}, e.name)
			x += k.width(e) + keySpace
		}
		y -= keyLine
	}
}
