package report_test

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/report"
)

func TestComposedFiguresAreOnThePage(t *testing.T) {
	f, err := report.Compose("own", "mine", 3, 2,
		[]report.Plot{
			{Title: "curves", X: "ε", LogX: true, Curves: []report.Curve{{Name: "k", X: []float64{0.1, 1, 10},
				Y: []float64{3, 2, 2}, Step: true}}},
			{Clouds: []report.Cloud{{X: []float64{1, 2}, Y: []float64{0, 1}, Class: 3},
				{X: []float64{1}, Y: []float64{1}, Class: -1}}},
		},
		[]report.Plot{{Picture: &report.Picture{Values: mat.NewDense(1, 2, []float64{0, 1})}}})
	require.NoError(t, err)
	dir := t.TempDir()
	r := &report.Report{Title: "own", Sections: []report.Section{{Title: "Mine", Words: []string{"<words>"},
		Figures: []*report.Figure{f},
		Columns: []string{"first", "second"}, Table: []report.Row{{Name: "row", Values: []string{"1.5", "<2>"}}}}}}
	require.NoError(t, r.Write(dir))
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	for _, want := range []string{"<h2>Mine</h2>", "&lt;words&gt;", `alt="mine"`, "data:image/png"} {
		require.Contains(t, string(page), want)
	}
	require.FileExists(t, filepath.Join(dir, "own.svg"))
	require.FileExists(t, filepath.Join(dir, "own.png"))
}

// TestTitlesOfARowAreAtOneHeight has plots whose axes need different room above: the first dark
// pixels from above are as high in both.
func TestTitlesOfARowAreAtOneHeight(t *testing.T) {
	curve := func(top float64) report.Plot {
		return report.Plot{Title: "H", Curves: []report.Curve{{X: []float64{1, 2}, Y: []float64{1, top}}}}
	}
	f, err := report.Compose("p", "", 3, 2, []report.Plot{curve(3), curve(1.24)})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, f.WritePNG(&b))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	var first [2]int
	for half := range first {
		first[half] = -1
		w := img.Bounds().Dx() / 2
		for y := 0; y < img.Bounds().Dy() && first[half] < 0; y++ {
			for x := half * w; x < (half+1)*w; x++ {
				if r, _, _, _ := img.At(x, y).RGBA(); r < 0x4000 {
					first[half] = y
				}
			}
		}
	}
	require.Positive(t, first[0])
	require.Equal(t, first[0], first[1])
}

// TestColourBarsHaveTheColoursOfTheirPictures: a bar from white at the bottom to navy on top stands at the
// right of the picture, and the figure is no wider for it.
func TestColourBarsHaveTheColoursOfTheirPictures(t *testing.T) {
	f, err := report.Compose("p", "", 3, 3,
		[]report.Plot{{Picture: report.CosineMap(mat.NewDense(2, 2, []float64{0, 0, 0, 0}), []int{0, 1, 2})}})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, f.WritePNG(&b))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	require.Equal(t, 3*192, img.Bounds().Dx())
	navy, top, bottom := 0, math.MaxInt, 0
	for y := range img.Bounds().Dy() {
		for x := img.Bounds().Dx() * 3 / 4; x < img.Bounds().Dx(); x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); b>>8 > g>>8+20 && g>>8 > r>>8 {
				navy, top, bottom = navy+1, min(top, y), max(bottom, y)
			}
		}
	}
	require.Positive(t, navy)
	require.Greater(t, bottom-top, img.Bounds().Dy()/2)
}

// A picture keeps its proportions, its first row is on top, and signs have colours.
func TestPictureShowsItsPixels(t *testing.T) {
	f, err := report.Compose("p", "", 2, 4,
		[]report.Plot{{Picture: &report.Picture{Values: mat.NewDense(2, 2, []float64{-1, 1, 0, -1}), Signed: true}}})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, f.WritePNG(&b))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	blue, x0, x1, y0, y1 := 0, math.MaxInt, 0, math.MaxInt, 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, _, _ := img.At(x, y).RGBA(); r>>8 == 33 && g>>8 == 102 {
				blue++
				x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
			}
		}
	}
	w, h := x1-x0+1, y1-y0+1
	require.InDelta(t, w, h, 2, "pixels are square")
	require.InDelta(t, 0.5, float64(blue)/float64(w*h), 0.01, "the diagonal is −1")
	r, g, _, _ := img.At(x0+3*w/4, y0+h/4).RGBA()
	require.Equal(t, [2]uint32{178, 24}, [2]uint32{r >> 8, g >> 8}, "+1 is red, in the first row")
	r, g, _, _ = img.At(x0+w/4, y0+3*h/4).RGBA()
	require.Equal(t, [2]uint32{255, 255}, [2]uint32{r >> 8, g >> 8}, "0 is white")
}

func TestTilesLaysOutImages(t *testing.T) {
	m, err := report.Tiles(mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6}), 1, 2, 2)
	require.NoError(t, err)
	nan := math.NaN()
	want := mat.NewDense(3, 5, []float64{1, 2, nan, 3, 4, nan, nan, nan, nan, nan, 5, 6, nan, nan, nan})
	for i := range 3 {
		for j := range 5 {
			require.True(t, m.At(i, j) == want.At(i, j) || math.IsNaN(m.At(i, j)) && math.IsNaN(want.At(i, j)),
				"%d, %d", i, j)
		}
	}
	_, err = report.Tiles(m, 2, 2, 1)
	require.ErrorIs(t, err, report.ErrInput)
}

func TestComposeRefuses(t *testing.T) {
	one := []float64{1}
	for want, p := range map[string]report.Plot{
		`curve 0, "a": 1 abscissas for 0`: {Curves: []report.Curve{{Name: "a", X: one}}},
		"point 0 is (0, 1)":               {LogX: true, Curves: []report.Curve{{X: []float64{0}, Y: one}}},
		"point 0 is (NaN, 1)":             {Clouds: []report.Cloud{{X: []float64{math.NaN()}, Y: one}}},
		"an empty picture":                {Picture: &report.Picture{}},
		"row 0, column 0 is +Inf": {Picture: &report.Picture{Values: mat.NewDense(1, 1,
			[]float64{math.Inf(1)})}},
		"a scale from 2 to 1": {Picture: &report.Picture{Values: mat.NewDense(1, 1, nil), Lo: 2, Hi: 1}},
	} {
		_, err := report.Compose("x", "", 1, 1, []report.Plot{p})
		require.ErrorIs(t, err, report.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
	_, err := report.Compose("x", "", 1, 1)
	require.ErrorIs(t, err, report.ErrInput)
	for _, name := range []string{"", "../evil", "a/b", `a\b`, ".", "x y"} {
		_, err := report.Compose(name, "", 1, 1, []report.Plot{{}})
		require.ErrorContains(t, err, "want letters, digits")
	}
	for _, side := range []float64{700, math.Inf(1), math.NaN(), -1, 0} {
		_, err := report.Compose("x", "", side, 1, []report.Plot{{}})
		require.ErrorIs(t, err, report.ErrInput)
		_, err = report.Compose("x", "", 1, side, []report.Plot{{}})
		require.ErrorIs(t, err, report.ErrInput)
	}
	require.ErrorContains(t, (&report.Report{Sections: []report.Section{{Title: "s",
		Figures: []*report.Figure{nil}}}}).Write(t.TempDir()), `section "s": figure 0 is nil`)
	uneven := report.Section{Title: "s", Columns: []string{"one"},
		Table: []report.Row{{Name: "r", Values: []string{"1", "2"}}}}
	require.ErrorContains(t, (&report.Report{Sections: []report.Section{uneven}}).Write(t.TempDir()),
		`section "s": row "r" of the table has 2 values for 1 columns`)
}
