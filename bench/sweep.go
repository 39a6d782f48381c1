package main

import (
	"fmt"
	"io"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/report"
)

// A sweep varies one size of a construction, the others being the base's.
type sweep struct {
	name   string
	values []int
	of     func(v int) workload
}

// sweeps are of a network on vectors, of 256 features in 10 classes, 1000 samples and
// 4 layers, and by channels of one on images of 12×12, 100 samples and 2 layers.
func sweeps() []sweep {
	vectors := func(n, layers, classes int) workload {
		return reduNet("cost", n, layers, classes, 256)
	}
	return []sweep{
		{"layers", []int{1, 2, 4, 8, 16}, func(v int) workload { return vectors(1000, v, 10) }},
		{"classes", []int{2, 5, 10, 20, 50}, func(v int) workload { return vectors(1000, 4, v) }},
		{"samples", []int{250, 500, 1000, 2000, 4000}, func(v int) workload { return vectors(v, 4, 10) }},
		{"channels", []int{4, 8, 16, 32}, func(v int) workload { return reduNet("cost", 100, 2, 10, v, 12, 12) }},
	}
}

// drawSweeps times sweeps, prints a line for each, and writes redunet-cost.png and .svg
// to dir.
func drawSweeps(w io.Writer, clock clock, dir string, threads, runs int, of []sweep) error {
	var row []report.Plot
	for _, s := range of {
		c := report.Curve{Dots: true}
		for _, v := range s.values {
			l, err := measure(clock, s.of(v), nn.Options{Workers: threads}, runs)
			if err != nil {
				return errors.WithMessagef(err, "%d %s", v, s.name)
			}
			c.X, c.Y = append(c.X, float64(v)), append(c.Y, l.MinMS)
			if _, err := fmt.Fprintf(w, "%s\t%d\t%.1f ms\n", s.name, v, l.MinMS); err != nil {
				return errors.WithStack(err)
			}
		}
		row = append(row, report.Plot{X: s.name, Y: "ms", LogX: true, LogY: true, Curves: []report.Curve{c}})
	}
	f, err := report.Compose("redunet-cost", "Time of a construction by layers, classes, samples and channels.", 4, 3,
		row[:len(row)/2], row[len(row)/2:])
	if err != nil {
		return err
	}
	return f.Write(dir)
}
