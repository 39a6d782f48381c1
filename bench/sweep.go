package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/report"
)

// A family is what the cost of one kind of workload is swept over.
type family struct {
	name   string // begins the names of its figures
	base   string // the sizes that are not varied
	sweeps []sweep
}

// A sweep varies one size of a workload, the others being the base's.
type sweep struct {
	name   string
	values []int
	of     func(v int) workload
	// operations of a run, counted by a formula; those of float64 count twice.
	operations func(v float64) float64
}

// A growth is what a sweep has measured: for each value the least time of a run, the time
// until the first was over, what was prepared included, in milliseconds, and the memory
// that became resident, in MiB.
type growth struct {
	sweep
	ms, first, mib []float64
}

// grow measures a sweep.
func grow(c clock, s sweep, threads, runs int) (g growth, err error) {
	g.sweep = s
	for _, v := range s.values {
		before := newGauge().mib()
		l, err := measure(c, s.of(v), nn.Options{Workers: threads}, runs)
		if err != nil {
			return g, errors.WithMessagef(err, "%d %s", v, s.name)
		}
		g.ms, g.first = append(g.ms, l.MinMS), append(g.first, l.FirstMS)
		g.mib = append(g.mib, max(0, l.ResidentMiB-before))
	}
	return g, nil
}

// x returns the values.
func (g growth) x() []float64 {
	x := make([]float64, len(g.values))
	for i, v := range g.values {
		x[i] = float64(v)
	}
	return x
}

// counted returns the operations of each value.
func (g growth) counted() []float64 {
	n := g.x()
	for i, v := range n {
		n[i] = g.operations(v)
	}
	return n
}

// exponent is the p of the y = c·xᵖ that fits best, by least squares of logarithms. It is
// NaN where a number is not above 0.
func exponent(x, y []float64) float64 {
	var sx, sy, sxx, sxy float64
	for i := range x {
		u, v := math.Log(x[i]), math.Log(y[i])
		sx, sy, sxx, sxy = sx+u, sy+v, sxx+u*u, sxy+u*v
	}
	n := float64(len(x))
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// write prints a table of what was measured.
func (g growth) write(w io.Writer) error {
	rows := [][]string{{g.name}, {"ms"}, {"first run, ms"}, {"MiB"}, {"GFLOP"}}
	for i, v := range g.values {
		for j, cell := range []string{fmt.Sprint(v), fmt.Sprintf("%.3g", g.ms[i]), fmt.Sprintf("%.3g", g.first[i]),
			fmt.Sprintf("%.0f", g.mib[i]), fmt.Sprintf("%.3g", g.counted()[i]/1e9)} {
			rows[j] = append(rows[j], cell)
		}
	}
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|---|%s\n", strings.Repeat("---:|", len(g.values)))
		}
	}
	_, err := fmt.Fprintf(w, "%s\n", b.String())
	return errors.WithStack(err)
}

// exponents is a line of the table of all sweeps of a family.
func (g growth) exponents() string {
	memory := "–"
	if p := exponent(g.x(), g.mib); slices.Min(g.mib) > 1 {
		memory = fmt.Sprintf("%.2f", p)
	}
	x := g.x()
	return fmt.Sprintf("| %s, %.0f to %.0f | %.2f | %.2f | %.2f | %s |\n", g.name, x[0], x[len(x)-1],
		exponent(x, g.ms), exponent(x, g.counted()), exponent(x, g.first), memory)
}

// plots are the time with that of the operations at the rate of the last value, dashed, and
// the memory.
func (g growth) plots() (time, memory report.Plot) {
	counted, last := g.counted(), len(g.ms)-1
	for i := range counted {
		counted[i] *= g.ms[last] / g.counted()[last]
	}
	time = report.Plot{X: g.name, Y: "ms", LogX: true, LogY: true, Curves: []report.Curve{
		{Name: "measured", X: g.x(), Y: g.ms, Dots: true}, {Name: "by operations", X: g.x(), Y: counted, Dashed: true}}}
	mib := slices.Clone(g.mib)
	for i := range mib {
		mib[i] = max(mib[i], 0.1) // the axis is logarithmic
	}
	return time, report.Plot{X: g.name, Y: "MiB", LogX: true, LogY: true, Curves: []report.Curve{
		{Name: "measured", X: g.x(), Y: mib, Dots: true}}}
}

// drawSweeps measures the families that begin with one of the prefixes in only, prints
// their tables and the exponents of each, and draws name-cost.png and .svg to dir.
func drawSweeps(w io.Writer, c clock, dir, only string, threads, runs int, of []family) error {
	prefixes := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	none := true
	for _, f := range of {
		begins := func(p string) bool { return strings.HasPrefix(f.name, p) }
		if len(prefixes) > 0 && !slices.ContainsFunc(prefixes, begins) {
			continue
		}
		none = false
		if err := f.draw(w, c, dir, threads, runs); err != nil {
			return errors.WithMessage(err, f.name)
		}
	}
	if none {
		return errors.Errorf("-sweep: no family begins with any of %q", prefixes)
	}
	return nil
}

func (f family) draw(w io.Writer, c clock, dir string, threads, runs int) error {
	if _, err := fmt.Fprintf(w, "## %s\n\n%s.\n\n", f.name, f.base); err != nil {
		return errors.WithStack(err)
	}
	var times, memories []report.Plot
	table := "| | time | operations | first run | memory |\n|---|---:|---:|---:|---:|\n"
	for _, s := range f.sweeps {
		g, err := grow(c, s, threads, runs)
		if err != nil {
			return err
		}
		if err := g.write(w); err != nil {
			return err
		}
		time, memory := g.plots()
		times, memories = append(times, time), append(memories, memory)
		table += g.exponents()
	}
	if _, err := fmt.Fprintf(w, "%s\n", table); err != nil {
		return errors.WithStack(err)
	}
	figure, err := report.Compose(f.name+"-cost", "Time and memory of a run by its sizes: "+f.base+".", 3.2, 2.4, times,
		memories)
	if err != nil {
		return err
	}
	return figure.Write(dir)
}
