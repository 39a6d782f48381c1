package data_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// photo is one image of c×h×w whose pixels are f(channel, row, column).
func photo(t *testing.T, c, h, w int, f func(c, i, j int) float64) *data.Set {
	t.Helper()
	var x []float64
	for ch := range c {
		for i := range h {
			for j := range w {
				x = append(x, f(ch, i, j))
			}
		}
	}
	set, err := data.New(x, 1, []int{c, h, w}, []int{0}, 1)
	require.NoError(t, err)
	return set
}

func only(t *testing.T, s *data.Set) []float64 {
	t.Helper()
	row, err := s.Row(nil, 0)
	require.NoError(t, err)
	return row
}

// Bilinear interpolation is exact for an image that is linear in its coordinates.
func TestPolarOfALinearImage(t *testing.T) {
	set := photo(t, 2, 9, 9, func(c, i, j int) float64 { return float64(c) + 2*float64(i-4) - 3*float64(j-4) })
	polar, err := set.Polar(3, 8)
	require.NoError(t, err)
	require.Equal(t, []int{6, 8}, polar.Shape())
	for at, got := range only(t, polar) {
		c, r, a := at/24, at/8%3, at%8
		rho, phi := (float64(r)+0.5)/3*4.5, 2*math.Pi*float64(a)/8
		if rho > 4 {
			continue // beyond the outermost pixels, where it falls to 0
		}
		require.InDelta(t, float64(c)+2*rho*math.Sin(phi)-3*rho*math.Cos(phi), got, 1e-6)
	}
}

// Turning by a right angle is a shift by a quarter.
func TestTurningIsShifting(t *testing.T) {
	f := func(i, j int) float64 { return math.Sin(float64(3*i + i*j)) }
	set := photo(t, 1, 8, 8, func(_, i, j int) float64 { return f(i, j) })
	turned := photo(t, 1, 8, 8, func(_, i, j int) float64 { return f(7-j, i) })
	a, err := set.Polar(4, 12)
	require.NoError(t, err)
	a, err = a.Shifted(3)
	require.NoError(t, err)
	b, err := turned.Polar(4, 12)
	require.NoError(t, err)
	require.InDeltaSlice(t, only(t, a), only(t, b), 1e-6)
}

func TestShifted(t *testing.T) {
	set := photo(t, 2, 3, 4, func(c, i, j int) float64 { return float64(100*c + 10*i + j) })
	for _, by := range [][]int{{1}, {-1}, {4}, {1, 2}, {-2, 7}, {0, 0}} {
		shifted, err := set.Shifted(by...)
		require.NoError(t, err)
		down, right := 0, by[len(by)-1]
		if len(by) == 2 {
			down = by[0]
		}
		for at, v := range only(t, shifted) {
			c, i, j := at/12, at/4%3, at%4
			require.Equal(t, float64(100*c+10*((i-down+30)%3)+(j-right+40)%4), v, "%v", by)
		}
		require.Equal(t, set.Labels(), shifted.Labels())
	}
}

func TestPolarAndShiftedRefuse(t *testing.T) {
	set := photo(t, 1, 3, 4, func(int, int, int) float64 { return 1 })
	_, err := set.Polar(0, 3)
	require.ErrorIs(t, err, data.ErrInput)
	_, err = set.Shifted()
	require.ErrorIs(t, err, data.ErrInput)
	_, err = set.Shifted(1, 1, 1)
	require.ErrorIs(t, err, data.ErrInput)
	signals, err := set.Polar(2, 5)
	require.NoError(t, err)
	_, err = signals.Polar(2, 5)
	require.ErrorIs(t, err, data.ErrInput)
}
