package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/whitebox-nn/whitebox/data"
)

// The mean of class j is eⱼ and its deviation σ, to five of their own deviations.
func TestAxesAreGaussiansAboutUnitVectors(t *testing.T) {
	set, err := data.Axes(data.AxesConfig{Dim: 3, PerClass: 4000, Noise: 0.2, Seed: 1})
	require.NoError(t, err)
	require.Equal(t, []int{4000, 4000, 4000}, set.Counts())
	for j := range 3 {
		for c := range 3 {
			var v []float64
			for i, y := range set.Labels() {
				if y == j {
					row, err := set.Row(nil, i)
					require.NoError(t, err)
					v = append(v, row[c])
				}
			}
			mean, sd := stat.MeanStdDev(v, nil)
			want := 0.0
			if c == j {
				want = 1
			}
			require.InDelta(t, want, mean, 0.016)
			require.InDelta(t, 0.2, sd, 0.012)
		}
	}
	other, err := data.Axes(data.AxesConfig{Dim: 3, PerClass: 4000, Noise: 0.2, Seed: 1, Stream: 1})
	require.NoError(t, err)
	a, err := set.Row(nil, 0)
	require.NoError(t, err)
	b, err := other.Row(nil, 0)
	require.NoError(t, err)
	require.NotEqual(t, a, b, "another stream")
	_, err = data.Axes(data.AxesConfig{Noise: -1})
	require.ErrorIs(t, err, data.ErrInput)
}

func TestFirstOfEach(t *testing.T) {
	set, err := data.New([]float64{0, 1, 2, 3, 4, 5}, 1, []int{1}, []int{2, 0, 2, 2, 0, 1}, 4)
	require.NoError(t, err)
	first, err := set.FirstOfEach(2, 2, 0)
	require.NoError(t, err)
	require.Equal(t, []int{0, 0, 1, 1}, first.Labels())
	require.Equal(t, 2, first.Classes())
	for i, want := range []float64{0, 2, 1, 4} {
		row, err := first.Row(nil, i)
		require.NoError(t, err)
		require.Equal(t, []float64{want}, row)
	}
	for _, classes := range [][]int{{}, {3}, {4}, {0, 0}} { // class 3 has no samples
		_, err := set.FirstOfEach(2, classes...)
		require.ErrorIs(t, err, data.ErrInput, "%v", classes)
	}
}
