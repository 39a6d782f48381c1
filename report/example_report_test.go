package report_test

import (
	"fmt"
	"os"

	"github.com/whitebox-nn/whitebox/report"
)

// A page about two runs, with a table and the curves of their logs.
func ExampleReport() {
	history := func(losses ...float64) (h report.History) {
		for i, v := range losses {
			h = append(h, report.Record{Step: i + 1, Split: "train", Metrics: map[string]float64{"loss": v}})
		}
		return h
	}
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	page := report.Report{
		Title: "Two rates",
		Runs:  []report.Run{{Name: "0.1", History: history(3, 2, 1)}, {Name: "0.01", History: history(3, 2.9, 2.8)}},
		Table: []report.Row{{Name: "loss at last", Values: []string{"1.0", "2.8"}}},
	}
	if err := page.Write(dir); err != nil {
		fmt.Println(err)
		return
	}
	_, err = os.Stat(dir + "/report.html")
	fmt.Println(err)
	// Output: <nil>
}

// A figure of one plot with one curve, as PNG and SVG.
func ExampleCompose() {
	f, err := report.Compose("parabola", "The square of a number.", 4, 3, []report.Plot{{
		Title: "x²", X: "x", Y: "x²",
		Curves: []report.Curve{{X: []float64{-2, -1, 0, 1, 2}, Y: []float64{4, 1, 0, 1, 4}}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "figure")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := f.Write(dir); err != nil {
		fmt.Println(err)
		return
	}
	files, err := os.ReadDir(dir)
	fmt.Println(files, err)
	// Output: [- parabola.png - parabola.svg] <nil>
}
