package report

import (
	"github.com/pkg/errors"
	"gonum.org/v1/plot/vg"
	"slices"
)

// A Plot is one plot of a figure: curves, clouds of points, or a picture.
type Plot struct {
	Title, X, Y string     // of the plot and its axes
	LogX, LogY  bool       // logarithmic axes, of numbers above 0
	WholeX      bool       // x is a count: ticks are whole numbers
	WholeY      bool       // whole numbers along y
	RangeY      [2]float64 // what the y axis shows at least; both 0: the numbers that are there
	Square      bool       // one unit of x is as long as one of y
	Curves      []Curve
	Clouds      []Cloud
	Picture     *Picture // in place of curves and clouds
}

// A Curve is a line through points. Numbers must be finite.
//
// Names have one colour in all figures of a page, and one entry in the key below a figure.
type Curve struct {
	Name   string // in the key; may be empty
	Of     string // the curve or cloud whose colour it shares; empty: a colour of its own, or grey without a name
	X, Y   []float64
	Dots   bool // mark each point
	Dashed bool
	Faint  bool // thin and light, behind the others
	Step   bool // horizontal from each point on, then up or down: for integers

	class int // not 0: the colour of class class−1
}

// A Cloud is points of one class, without lines. Numbers must be finite.
type Cloud struct {
	Name  string // in the key; may be empty
	X, Y  []float64
	Class int // its colour; −1 is grey
}

// Compose returns a figure of rows of plots, each width×height inches. It is
// written as name.png and name.svg; caption stands below it on a page.
//
// Errors: ErrInput if lengths differ, a number cannot be drawn, or the name is not the name of a file.
func Compose(name, caption string, width, height float64, rows ...[]Plot) (*Figure, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	const most = 100 // inches a side of a figure: some 20,000 pixels
	if !(width > 0 && height > 0) || len(rows) == 0 {
		return nil, errors.Wrapf(ErrInput,
			"report: figure %q: %d rows of plots of %v×%v inches; want sizes above 0 and at least one row", name,
			len(rows), width, height)
	}
	if !slices.ContainsFunc(rows, func(row []Plot) bool { return len(row) > 0 }) {
		return nil, errors.Wrapf(ErrInput, "report: figure %q: %d rows without a plot", name, len(rows))
	}
	f := &Figure{Name: name, Caption: caption, rows: rows, w: vg.Length(width) * vg.Inch,
		h: vg.Length(height) * vg.Inch}
	if w, h := width*float64(f.columns()), height*float64(len(rows)); w > most || h > most {
		return nil, errors.Wrapf(ErrInput, "report: figure %q is %v×%v inches, want at most %d either way", name, w, h,
			most)
	}
	for i, row := range rows {
		for j := range row {
			if err := row[j].check(); err != nil {
				return nil, errors.WithMessagef(err, "report: figure %q: plot %d of row %d", name, j, i)
			}
		}
	}
	return f, nil
}

// checkName reports a name that would not be that of a file in the directory of the page.
func checkName(name string) error {
	ok := name != ""
	for _, r := range name {
		ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}
	if !ok {
		return errors.Wrapf(ErrInput, "report: a figure named %q: want letters, digits, - and _, for it names files",
			name)
	}
	return nil
}

// check reports what cannot be drawn.
func (q *Plot) check() error {
	for i := range q.Clouds {
		if err := q.checkPoints(q.Clouds[i].X, q.Clouds[i].Y); err != nil {
			return errors.WithMessagef(err, "cloud %d, %q", i, q.Clouds[i].Name)
		}
	}
	for i := range q.Curves {
		if err := q.checkPoints(q.Curves[i].X, q.Curves[i].Y); err != nil {
			return errors.WithMessagef(err, "curve %d, %q", i, q.Curves[i].Name)
		}
	}
	if lo, hi := q.RangeY[0], q.RangeY[1]; lo != 0 || hi != 0 {
		if !(lo < hi) || hi-lo-(hi-lo) != 0 || q.LogY && lo <= 0 {
			return errors.Wrapf(ErrInput,
				"y from %v to %v, want the range to ascend, and above 0 on a logarithmic axis", lo, hi)
		}
	}
	if q.Picture != nil {
		return q.Picture.check()
	}
	return nil
}

// checkPoints reports points that cannot be drawn.
func (q *Plot) checkPoints(x, y []float64) error {
	if len(x) == 0 || len(x) != len(y) {
		return errors.Wrapf(ErrInput, "%d abscissas for %d ordinates, want as many and at least 1", len(x), len(y))
	}
	for i := range x {
		if x[i]-x[i] != 0 || y[i]-y[i] != 0 || q.LogX && x[i] <= 0 || q.LogY && y[i] <= 0 {
			return errors.Wrapf(ErrInput, "point %d is (%v, %v), want numbers, and above 0 on logarithmic axes", i,
				x[i], y[i])
		}
	}
	return nil
}
