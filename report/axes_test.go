package report

import (
	"image/color"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
)

func TestSmoothKeepsStraightLines(t *testing.T) {
	line := make([]float64, 20)
	for i := range line {
		line[i] = 3 * float64(i)
	}
	require.InDeltaSlice(t, line, smooth(line, 9), 1e-12)
	require.Equal(t, []float64{0, 3, 0}, smooth([]float64{0, 9, 0}, 9))
	require.Equal(t, []float64{0, 0, 3, 3, 3, 0, 0}, smooth([]float64{0, 0, 0, 9, 0, 0, 0}, 3))
	require.Empty(t, smooth(nil, 9))
}

func TestTicksAreRoundNumbers(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   []string
	}{
		{1, 30, []string{"5", "10", "15", "20", "25", "30"}},
		{0, 1, []string{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{-45, -5, []string{"-40", "-30", "-20", "-10"}},
		{0.972, 0.991, []string{"0.975", "0.980", "0.985", "0.990"}},
		{3, 3, []string{"3"}},
	} {
		var got []string
		for _, tick := range ticks(c.lo, c.hi) {
			got = append(got, tick.Label)
			require.GreaterOrEqual(t, tick.Value, c.lo-1e-9)
			require.LessOrEqual(t, tick.Value, c.hi+1e-9)
		}
		require.Equal(t, c.want, got)
	}
}

func TestTicksOfCountsAreWholeNumbers(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   []string
	}{{1, 3, []string{"1", "2", "3"}}, {1, 2, []string{"1", "2"}}, {1, 12, []string{"1", "2", "4", "6", "8", "10",
		"12"}}, {1, 30, []string{"1", "5", "10", "15", "20", "25", "30"}}} {
		var got []string
		for _, tick := range wholeTicks(c.lo, c.hi) {
			got = append(got, tick.Label)
		}
		require.Equal(t, c.want, got)
	}
}

func TestShortNumbersHaveNoExponentUpToAMillion(t *testing.T) {
	for want, v := range map[string]float64{"50000": 5e4, "1000000": 1e6, "1e+07": 1e7, "0.25": 0.25, "-20000": -2e4,
		"1e-05": 1e-5} {
		require.Equal(t, want, short(v))
	}
}

// TestNumbersKeepOffTheFrame has axes longer than the numbers on both sides, with a tick
// at 0 where the numbers reach from near it.
func TestNumbersKeepOffTheFrame(t *testing.T) {
	for _, c := range []struct {
		lo, hi    float64
		log       bool
		zero      bool
		beginning float64 // of the numbers that the axis is about
	}{
		{1, 40, false, true, 0}, {0, 1, false, true, 0}, {-31, 0, false, true, -31}, {-31, -2, false, true, -31},
		{0.9, 0.99, false, false, 0.9}, {0.01, 100, true, false, 0.01},
		{5, 5, false, false, 2.5}, {0, 0, false, true, -1},
	} {
		q := Plot{LogX: c.log, Curves: []Curve{{X: []float64{c.lo, c.hi}, Y: []float64{0, 1}}}}
		p, err := q.draw(newPalette())
		require.NoError(t, err)
		require.Less(t, p.X.Min, c.beginning)
		require.Greater(t, p.X.Max, c.hi)
		zero := false
		for _, tick := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			zero = zero || tick.Value == 0 && tick.Label != ""
		}
		require.Equal(t, c.zero, zero, "%v to %v", c.lo, c.hi)
	}
}

// TestOneNameHasOneColour on all figures of a page, whatever comes before it in a figure, and
// what belongs to a name has it too.
func TestOneNameHasOneColour(t *testing.T) {
	one := []float64{1}
	curve := func(name, of string) Curve { return Curve{Name: name, Of: of, X: one, Y: one} }
	a, err := Compose("a", "", 3, 2, []Plot{{Curves: []Curve{curve("ISTA", ""), curve("LISTA", "")}}})
	require.NoError(t, err)
	b, err := Compose("b", "", 3, 2, []Plot{{
		Curves: []Curve{curve("LISTA", ""), curve("LISTA, test", "LISTA"), curve("", "group 1")},
		Clouds: []Cloud{{Name: "group 1", X: one, Y: one, Class: 2}},
	}})
	require.NoError(t, err)
	colors := newPalette()
	colors.add(a, b)
	of := func(f *Figure, i int) color.Color { return f.rows[0][0].Curves[i].line(colors).Color }
	require.Equal(t, of(a, 1), of(b, 0))
	require.Equal(t, of(a, 1), of(b, 1))
	require.NotEqual(t, of(a, 0), of(a, 1))
	require.Equal(t, classColor(2), of(b, 2))
}

// TestTwelveNamesHaveTwelveColours and no colour with the mark of another.
func TestTwelveNamesHaveTwelveColours(t *testing.T) {
	seen := map[color.Color]bool{}
	for j := range 12 {
		seen[seriesColor(j)] = true
	}
	require.Len(t, seen, 12)
}

// TestKeyNamesEachOnce below the figure, in lines that are not wider than it.
func TestKeyNamesEachOnce(t *testing.T) {
	one := []float64{1}
	var plots []Plot
	for range 3 {
		p := Plot{Clouds: []Cloud{{Name: "class 0", X: one, Y: one}}}
		for _, name := range []string{"ISTA", "", "a name that is so long that no two of it are in a line",
			"another that is just as long, so that it goes below"} {
			p.Curves = append(p.Curves, Curve{Name: name, X: one, Y: one})
		}
		plots = append(plots, p)
	}
	k := newKey([][]Plot{plots}, newPalette())
	require.Len(t, k.entries, 4)
	const width = 4 * vg.Inch
	lines := k.lines(width)
	require.Greater(t, len(lines), 1)
	for _, line := range lines {
		total := vg.Length(len(line)-1) * keySpace
		for _, e := range line {
			total += k.width(e)
		}
		require.LessOrEqual(t, total, width)
	}
	require.Zero(t, newKey([][]Plot{{{Curves: []Curve{{X: one, Y: one}}}}}, newPalette()).height(width))
}

// TestLogAxesOfOneValue draws values that are all the same, whose range is empty.
func TestLogAxesOfOneValue(t *testing.T) {
	for _, v := range []float64{0.003, 1, 70} {
		f, err := Compose("one", "One value.", 3, 2,
			[]Plot{{LogX: true, LogY: true, Curves: []Curve{{X: []float64{v, v}, Y: []float64{v, v}}}}})
		require.NoError(t, err)
		require.NoError(t, f.WritePNG(io.Discard))
	}
}
