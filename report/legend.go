package report

import (
	"math"

	"gonum.org/v1/plot"
)

// placeLegend puts the legend of a plot in the corner that fewest of its curves and points pass,
// the top right one among equals.
func (q *Plot) placeLegend(p *plot.Plot) {
	const wide, high = 0.45, 0.35 // of the plot, that a legend takes
	var passes [2][2]int          // left, right × bottom, top
	count := func(x, y float64) {
		x, y = place(x, p.X.Min, p.X.Max, q.LogX), place(y, p.Y.Min, p.Y.Max, q.LogY)
		i, j := -1, -1
		if x <= wide {
			i = 0
		} else if x >= 1-wide {
			i = 1
		}
		if y <= high {
			j = 0
		} else if y >= 1-high {
			j = 1
		}
		if i >= 0 && j >= 0 {
			passes[i][j]++
		}
	}
	for _, c := range q.Curves {
		x, y := c.X, c.Y
		if c.Step {
			x, y = steps(x, y)
		}
		along(x, y, q.LogX, q.LogY, count)
	}
	for _, c := range q.Clouds {
		for k := range c.X {
			count(c.X[k], c.Y[k])
		}
	}
	p.Legend.Left, p.Legend.Top = false, true
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
