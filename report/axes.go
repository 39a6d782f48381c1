package report

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

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
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.Tick.Length, p.Y.Tick.Length = 4, 4
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(ticks), plot.TickerFunc(ticks)
	return p
}

// addGrid adds lines at the ticks, behind what is added afterwards.
func addGrid(p *plot.Plot) {
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 225}, color.Gray{Y: 225}
	p.Add(grid)
}

// An extent is the range of numbers along an axis.
type extent struct{ lo, hi float64 }

// take widens the extent to hold the values.
func (e *extent) take(values ...float64) {
	for _, v := range values {
		e.lo, e.hi = min(e.lo, v), max(e.hi, v)
	}
}

// set gives an axis the extent and a margin, so that nothing touches its ends. Where all
// values are one it gives them room. A linear axis of numbers that reach from near 0
// begins at 0.
func (e extent) set(a *plot.Axis, logarithmic, whole bool) {
	const margin = 0.04
	lo, hi := e.lo, e.hi
	if logarithmic {
		a.Scale, a.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
		if lo == hi {
			lo, hi = lo/2, hi*2
		}
		more := math.Pow(hi/lo, margin)
		a.Min, a.Max = lo/more, hi*more
		return
	}
	switch span := hi - lo; {
	case span == 0 && lo == 0:
		lo, hi = -1, 1
	case span == 0:
		lo, hi = lo-math.Abs(lo)/2, hi+math.Abs(hi)/2
	case lo > 0 && lo <= 0.15*hi && !whole:
		lo = 0
	case hi < 0 && hi >= 0.15*lo && !whole:
		hi = 0
	}
	a.Min, a.Max = lo-margin*(hi-lo), hi+margin*(hi-lo)
	a.Tick.Marker = plot.TickerFunc(ticks)
	if whole {
		a.Tick.Marker = plot.TickerFunc(func(_, _ float64) []plot.Tick { return wholeTicks(e.lo, e.hi) })
	}
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

// wholeTicks returns those of ticks that are whole numbers, and the first number where
// the next tick leaves room for it.
func wholeTicks(lo, hi float64) []plot.Tick {
	var ts []plot.Tick
	tick := func(v float64) plot.Tick {
		return plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', 0, 64)}
	}
	for _, t := range ticks(lo, hi) {
		if whole := math.Round(t.Value); math.Abs(t.Value-whole) < 1e-9 {
			ts = append(ts, tick(t.Value))
		}
	}
	if first := math.Ceil(lo); len(ts) > 0 && ts[0].Value-first >= 0.06*(hi-lo) {
		ts = append([]plot.Tick{tick(first)}, ts...)
	}
	return ts
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

// short returns a number in as few characters as it needs, and without an exponent up to a million.
func short(v float64) string {
	if a := math.Abs(v); a >= 1e4 && a <= 1e6 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
