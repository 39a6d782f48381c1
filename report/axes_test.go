package report

import (
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
	}{{1, 3, []string{"1", "2", "3"}}, {1, 2, []string{"1", "2"}}, {1, 12, []string{"2", "4", "6", "8", "10", "12"}}} {
		var got []string
		for _, tick := range wholeTicks(c.lo, c.hi) {
			got = append(got, tick.Label)
		}
		require.Equal(t, c.want, got)
	}
}

func TestShortNumbersHaveNoExponentUpToAMillion(t *testing.T) {
	for want, v := range map[string]float64{"50000": 5e4, "1000000": 1e6, "1e+07": 1e7, "0.25": 0.25, "-20000": -2e4, "1e-05": 1e-5} {
		require.Equal(t, want, short(v))
	}
}

// TestLegendIsWhereCurvesAreNot has curves that rise, fall, and pass all corners but one.
func TestLegendIsWhereCurvesAreNot(t *testing.T) {
	rising, falling := Curve{Name: "a", X: []float64{1, 1000}, Y: []float64{1, 1000}}, Curve{Name: "b", X: []float64{1, 1000}, Y: []float64{1000, 1}}
	for _, c := range []struct {
		curves    []Curve
		log       bool
		left, top bool
	}{
		{[]Curve{falling}, false, false, true},
		{[]Curve{rising}, true, true, true},
		{[]Curve{{Name: "c", X: []float64{0, 0, 10, 10}, Y: []float64{0, 10, 10, 9}}}, false, false, false},
		{[]Curve{{Name: "d", X: []float64{0, 10, 10}, Y: []float64{10, 10, 0}}}, false, true, false},
	} {
		q := Plot{Curves: c.curves, LogX: c.log, LogY: c.log}
		p, err := q.draw(4*vg.Inch, 3*vg.Inch)
		require.NoError(t, err)
		require.Equal(t, c.left, p.Legend.Left)
		require.Equal(t, c.top, p.Legend.Top)
	}
}

// TestLogAxesOfOneValue draws values that are all the same, whose range is empty.
func TestLogAxesOfOneValue(t *testing.T) {
	for _, v := range []float64{0.003, 1, 70} {
		f, err := Compose("one", "One value.", 3, 2, []Plot{{LogX: true, LogY: true, Curves: []Curve{{X: []float64{v, v}, Y: []float64{v, v}}}}})
		require.NoError(t, err)
		require.NoError(t, f.WritePNG(io.Discard))
	}
}
