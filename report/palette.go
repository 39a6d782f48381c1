package report

import (
	"image/color"

	"gonum.org/v1/plot/vg/draw"
)

// A palette gives each name one colour and one mark, in the order in which names
// come up: the same on all figures of a page.
type palette struct {
	index  map[string]int // of curves
	clouds map[string]int // the classes of clouds
}

func newPalette() *palette { return &palette{index: map[string]int{}, clouds: map[string]int{}} }

// add takes the names of the figures in.
func (p *palette) add(figures ...*Figure) {
	for _, f := range figures {
		if f == nil {
			continue // which check reports
		}
		for _, row := range f.rows {
			for i := range row {
				for _, c := range row[i].Clouds {
					if c.Name != "" {
						p.clouds[c.Name] = c.Class
					}
				}
			}
		}
	}
	for _, f := range figures {
		for _, row := range f.rows {
			for i := range row {
				for j := range row[i].Curves {
					if c := &row[i].Curves[j]; c.class == 0 {
						p.name(c.colorName())
					}
				}
			}
		}
	}
}

func (p *palette) name(name string) {
	if _, class := p.clouds[name]; class || name == "" {
		return
	}
	if _, known := p.index[name]; !known {
		p.index[name] = len(p.index)
	}
}

// colorName returns whose colour the curve has.
func (c *Curve) colorName() string {
	if c.Of != "" {
		return c.Of
	}
	return c.Name
}

// color returns the colour of a name.
func (p *palette) color(name string) color.Color {
	if class, ok := p.clouds[name]; ok {
		return classColor(class)
	}
	if i, ok := p.index[name]; ok {
		return seriesColor(i)
	}
	return color.Gray{Y: 90}
}

// mark returns the mark of a name's points, so that hues are not all that tells them apart.
func (p *palette) mark(name string) draw.GlyphDrawer {
	marks := [...]draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}
	return marks[p.index[name]%len(marks)]
}

// classColor returns the colour of class j, grey below 0. Ten classes have ten; more begin again.
//
// Source: the qualitative palette "Tableau 10".
func classColor(j int) color.Color {
	palette := [...]color.RGBA{
		{0x4e, 0x79, 0xa7, 0xff}, {0xf2, 0x8e, 0x2b, 0xff}, {0xe1, 0x57, 0x59, 0xff}, {0x76, 0xb7, 0xb2, 0xff},
		{0x59, 0xa1, 0x4f, 0xff},
		{0xed, 0xc9, 0x48, 0xff}, {0xb0, 0x7a, 0xa1, 0xff}, {0xff, 0x9d, 0xa7, 0xff}, {0x9c, 0x75, 0x5f, 0xff},
		{0xba, 0xb0, 0xac, 0xff},
	}
	if j < 0 {
		return color.Gray{Y: 150}
	}
	return palette[j%len(palette)]
}

// seriesColor returns the colour of name j. They also differ in lightness, for readers who cannot distinguish the
// hues.
//
// Source: the first six, Okabe, Ito. Color universal design. 2008; the others lie between them.
func seriesColor(j int) color.Color {
	palette := [...]color.RGBA{
		{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
		{0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff},
		{0x5e, 0x3c, 0x99, 0xff}, {0x8c, 0x51, 0x0a, 0xff}, {0x7f, 0x9f, 0x20, 0xff}, {0x9e, 0x0a, 0x3c, 0xff},
		{0x60, 0x60, 0x60, 0xff}, {0x01, 0x50, 0x50, 0xff},
	}
	return palette[j%len(palette)]
}

// faded returns a lighter colour.
func faded(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	lighter := func(v uint32) uint8 { return uint8((v>>8 + 2*255) / 3) }
	return color.RGBA{lighter(r), lighter(g), lighter(b), 255}
}
