package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

// placeLegend puts the legend of a plot of that size in the corner that fewest of its
// curves and points pass, the top right one among equals.
func (q *Plot) placeLegend(p *plot.Plot, width, height vg.Length) {
	const axes, titles = 0.85, 0.8 // of the width and of the height, that the curves have
	size := p.Legend.Rectangle(draw.NewCanvas(new(recorder.Canvas), width, height)).Size()
	wide, high := float64(size.X/(axes*width)), float64(size.Y/(titles*height))
	var passes [2][2]int // left, right × bottom, top
	q.pass(func(x, y float64) {
		i := side(place(x, p.X.Min, p.X.Max, q.LogX), wide)
		j := side(place(y, p.Y.Min, p.Y.Max, q.LogY), high)
		if i >= 0 && j >= 0 {
			passes[i][j]++
		}
	})
	best := passes[1][1]
	for _, corner := range [][2]int{{0, 1}, {1, 0}, {0, 0}} {
		if n := passes[corner[0]][corner[1]]; n < best {
			best, p.Legend.Left, p.Legend.Top = n, corner[0] == 0, corner[1] == 1
		}
	}
	if p.Legend.Left {
		p.Legend.XOffs = -p.Legend.XOffs
	}
	if !p.Legend.Top {
		p.Legend.YOffs = -p.Legend.YOffs
	}
}

// pass calls visit at all points, and along the lines between those of curves.
func (q *Plot) pass(visit func(x, y float64)) {
	for _, c := range q.Curves {
		x, y := c.X, c.Y
		if c.Step {
			x, y = steps(x, y)
		}
		along(x, y, q.LogX, q.LogY, visit)
	}
	for _, c := range q.Clouds {
		for k := range c.X {
			visit(c.X[k], c.Y[k])
		}
	}
}

// side returns 0 for a place within a share of the beginning, 1 for one of the end, −1 between.
func side(place, share float64) int {
	switch {
	case place <= share:
		return 0
	case place >= 1-share:
		return 1
	}
	return -1
}

// along calls visit at points of the line through (x, y), close enough to see where it passes.
func along(x, y []float64, logX, logY bool, visit func(x, y float64)) {
	const parts = 16
	for k := range x {
		visit(x[k], y[k])
		if k == 0 {
			continue
		}
		for t := 1; t < parts; t++ {
			s := float64(t) / parts
			visit(between(x[k-1], x[k], s, logX), between(y[k-1], y[k], s, logY))
		}
	}
}

// between returns the value at a share of the way from a to b along an axis.
func between(a, b, share float64, logarithmic bool) float64 {
	if logarithmic {
		return a * math.Pow(b/a, share)
	}
	return a + share*(b-a)
}

// place returns where v is on an axis from lo to hi, as a share of its length.
func place(v, lo, hi float64, logarithmic bool) float64 {
	if !(hi > lo) {
		return 0.5
	}
	if logarithmic {
		return math.Log(v/lo) / math.Log(hi/lo)
	}
	return (v - lo) / (hi - lo)
}
