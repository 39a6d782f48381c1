package report_test

import (
	"bytes"
	"errors"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/report"
)

const log = `{"step":1,"epoch":0,"split":"train","loss":-1.5,"R":4,"Rc":2.5,"delta_R":1.5,"lr":0.1}
{"step":2,"epoch":0,"split":"train","loss":null,"R":5,"Rc":2.5,"delta_R":2.5,"lr":0.1}
{"step":2,"epoch":0,"split":"test","loss":-2,"R":4.5,"Rc":2.5,"delta_R":2,"accuracy":0.5,"train_accuracy":0.75}
{"step":3,"epoch":1,"split":"train","loss":-3,"R":6,"Rc":3,"delta_R":3,"lr":0.1}
`

func history(t *testing.T) report.History {
	t.Helper()
	h, err := report.ParseHistory(strings.NewReader(log))
	require.NoError(t, err)
	return h
}

func TestHistoryHasSeries(t *testing.T) {
	h := history(t)
	require.Len(t, h, 4)
	require.Equal(t, 1, h[3].Epoch)
	require.True(t, math.IsNaN(h[1].Metrics["loss"]))
	require.NotContains(t, h[0].Metrics, "step")

	steps, values := h.Series("train", "loss")
	require.Equal(t, []float64{1, 3}, steps, "what is not finite is left out")
	require.Equal(t, []float64{-1.5, -3}, values)
	steps, values = h.Series("test", "accuracy")
	require.Equal(t, []float64{2}, steps)
	require.Equal(t, []float64{0.5}, values)
	steps, _ = h.Series("test", "lr")
	require.Empty(t, steps)
}

// A run that is killed leaves a last line without its end.
func TestHistoryIgnoresATornLine(t *testing.T) {
	for cut := range 40 {
		h, err := report.ParseHistory(strings.NewReader(log[:len(log)-1-cut]))
		require.NoError(t, err)
		require.Len(t, h, 3)
	}
}

func TestBadLogs(t *testing.T) {
	for want, text := range map[string]string{
		"line 1: ":                     "not JSON\n",
		"line 2: step <nil>":           log[:strings.Index(log, "\n")+1] + `{"epoch":0,"split":"train"}` + "\n",
		"split 3":                      `{"step":1,"epoch":0,"split":3}` + "\n",
		`"loss" is low, want a number`: `{"step":1,"epoch":0,"split":"test","loss":"low"}` + "\n",
		"line 2: step 4 after step 5": `{"step":5,"epoch":0,"split":"test"}` + "\n" +
			`{"step":4,"epoch":0,"split":"test"}` + "\n",
		`"loss" is [1 2], want a number`: `{"step":1,"epoch":0,"split":"test","loss":[1,2]}` + "\n",
	} {
		_, err := report.ParseHistory(strings.NewReader(text))
		require.ErrorIs(t, err, report.ErrInput, text)
		require.ErrorContains(t, err, want)
	}
	_, err := report.ReadHistory(filepath.Join(t.TempDir(), "none.jsonl"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// full returns a report of two runs with all that can be drawn.
func full(t *testing.T) *report.Report {
	run := func(name string) report.Run {
		return report.Run{
			Name: name, History: history(t),
			Spectrum: []float64{3, 2, 1}, ClassSpectra: [][]float64{{2, 1}, {1}, {}},
			Cosines: mat.NewDense(3, 3, []float64{1, 0.5, 0, 0.5, 1, 0, 0, 0, 1}), Starts: []int{0, 2, 3, 3},
			Noise: []float64{0.9, 0.8},
		}
	}
	return &report.Report{
		Title: "A <comparison>", Lead: []string{"Rᶜ & ΔR"}, Runs: []report.Run{run("MCR²"), run("cross-entropy")},
		Table:    []report.Row{{Name: "accuracy", Values: []string{"0.5", "0.25"}, Note: "of all"}},
		Settings: []report.Row{{Name: "seed", Values: []string{"1"}}}, Ratios: []float64{0, 0.25},
	}
}

func TestWriteMakesEveryFigureAndAPage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	require.NoError(t, full(t).Write(dir))
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	for _, name := range []string{"rates", "loss", "accuracy", "geometry", "noise"} {
		b, err := os.ReadFile(filepath.Join(dir, name+".png"))
		require.NoError(t, err)
		img, err := png.Decode(bytes.NewReader(b))
		require.NoError(t, err)
		require.Greater(t, img.Bounds().Dx(), 1000, name)
		svg, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		require.NoError(t, err)
		require.Contains(t, string(svg), "<svg")
		require.NotRegexp(t, `(href|src|url\()[="']*https?:`, string(svg), "nothing from outside")
		require.Contains(t, string(svg), "Arial,Helvetica,sans-serif",
			"letters of the same widths, where there are no others")
		require.Less(t, len(svg), 100_000, "no font inside")
	}
	text := string(page)
	require.Equal(t, 5, strings.Count(text, `src="data:image/png;base64,`), "figures")
	require.Equal(t, 5, strings.Count(text, "src="), "nothing from outside")
	require.NotRegexp(t, `<script|<link|@import|url\(`, text)
	require.Contains(t, text, "<figcaption>Figure 1. R, Rᶜ and ΔR by step.</figcaption>")
	require.Contains(t, text, "<figcaption>Figure 5. Test accuracy")
	for _, want := range []string{"A &lt;comparison&gt;", "Rᶜ &amp; ΔR", ">0.25</td>", "of all", "25.0 %", "90.0 %",
		"seed"} {
		require.Contains(t, text, want)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 11)
}

func TestSameReportSameBytes(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	require.NoError(t, full(t).Write(a))
	require.NoError(t, full(t).Write(b))
	files, err := os.ReadDir(a)
	require.NoError(t, err)
	for _, f := range files {
		x, err := os.ReadFile(filepath.Join(a, f.Name()))
		require.NoError(t, err)
		y, err := os.ReadFile(filepath.Join(b, f.Name()))
		require.NoError(t, err)
		require.True(t, bytes.Equal(x, y), f.Name())
	}
}

// A map with two orthogonal classes is dark in two blocks and white beside them.
func TestCosineMapShowsTheBlocks(t *testing.T) {
	m := mat.NewDense(4, 4, []float64{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1})
	r := &report.Report{Runs: []report.Run{{Name: "two", Cosines: m, Starts: []int{0, 2, 4}}}}
	dir := t.TempDir()
	require.NoError(t, r.Write(dir))
	f, err := os.Open(filepath.Join(dir, "geometry.png"))
	require.NoError(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	dark, x0, x1, y0, y1 := 0, math.MaxInt, 0, math.MaxInt, 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8 == 8 && g>>8 == 48 && b>>8 == 107 {
				dark++
				x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
			}
		}
	}
	w, h := x1-x0+1, y1-y0+1
	require.InDelta(t, 0.5, float64(dark)/float64(w*h), 0.01, "half of the map is within classes")
	at := func(fx, fy float64) uint32 {
		r, _, _, _ := img.At(x0+int(fx*float64(w)), y0+int(fy*float64(h))).RGBA()
		return r >> 8
	}
	require.EqualValues(t, 8, at(0.25, 0.25), "the first class is on top, at the left")
	require.EqualValues(t, 8, at(0.75, 0.75))
	require.EqualValues(t, 255, at(0.75, 0.25))
}

func TestWriteLeavesOutWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, (&report.Report{Title: "nothing", Runs: []report.Run{{Name: "a"}}}).Write(dir))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1, "only the page")
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	require.False(t, regexp.MustCompile(`<h2>|<table>|<img`).Match(page))
}

func TestBadReportsWriteNothing(t *testing.T) {
	for want, spoil := range map[string]func(*report.Report){
		"no runs": func(r *report.Report) { r.Runs = nil },
		`row "accuracy" of the table has 1 values for 2 runs`: func(r *report.Report) {
			r.Table[0].Values = []string{"1"}
		},
		`run "MCR²" has 1 accuracies for 2 ratios`: func(r *report.Report) {
			r.Runs[0].Noise = []float64{1}
		},
		"cosines are 2×3, want them square": func(r *report.Report) {
			r.Runs[1].Cosines = mat.NewDense(2, 3, nil)
		},
		"cosines hold 2 at row 0": func(r *report.Report) {
			r.Runs[0].Cosines = mat.NewDense(1, 1, []float64{2})
			r.Runs[0].Starts = nil
		},
		"class 1 is samples 2 to 9 of 3": func(r *report.Report) {
			r.Runs[0].Starts = []int{0, 2, 9}
		},
		"point 1 is (2, NaN)": func(r *report.Report) {
			r.Runs[0].ClassSpectra[0][1] = math.NaN()
		},
		`Wrong labels: report: figure "noise"`: func(r *report.Report) {
			r.Runs[1].Noise[0] = math.Inf(1)
		},
	} {
		r := full(t)
		spoil(r)
		dir := t.TempDir()
		err := r.Write(dir)
		require.True(t, errors.Is(err, report.ErrInput), "%s: %v", want, err)
		require.ErrorContains(t, err, want)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}
