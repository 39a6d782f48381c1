package data

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPreparationIsOfTheTrainingData(t *testing.T) {
	s := readText(t, "a,colour,b,class\n1,red,5,x\n3,blue,5,y\n5,red,5,y\n", CSVConfig{})
	schema := s.Schema()
	p, err := Fit(s, MinMax{})
	require.NoError(t, err)
	scaled, err := p.Apply(s)
	require.NoError(t, err)
	require.Equal(t, [][]float64{{0, 1, 0}, {0.5, 0, 0}, {1, 1, 0}}, cells(t, scaled))

	p, err = Fit(s, OneHot{}, Standardize{})
	require.NoError(t, err)
	ready, err := p.Apply(s)
	require.NoError(t, err)
	require.Equal(t, []int{4}, ready.Shape())
	require.Equal(t, []string{"a", "colour=blue", "colour=red", "b"}, []string{ready.Schema().Columns[0].Name,
		ready.Schema().Columns[1].Name, ready.Schema().Columns[2].Name, ready.Schema().Columns[3].Name})
	sigma := math.Sqrt(8.0 / 3)
	require.InDeltaSlice(t, []float64{-2 / sigma, -math.Sqrt(0.5), math.Sqrt(0.5), 0}, cells(t, ready)[0], 1e-15)

	// As JSON, for other data.
	text, err := json.Marshal(p)
	require.NoError(t, err)
	var again Preparation
	require.NoError(t, json.Unmarshal(text, &again))
	other := readText(t, "b,a,colour\n6,9,blue\n", CSVConfig{Schema: &schema})
	ready, err = again.Apply(other)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{6 / sigma, math.Sqrt(2), -math.Sqrt(2), 1}, cells(t, ready)[0], 1e-15)

	wide := readText(t, "a,b,c,d,class\n1,2,3,4,x\n", CSVConfig{})
	_, err = p.Apply(wide)
	require.ErrorIs(t, err, ErrInput)
	bad := Preparation{{Categories: []int{0, 1, 0, 0}}}
	_, err = bad.Apply(wide)
	require.ErrorContains(t, err, "column 2 of sample 0 holds 2")
	_, err = Fit(s, nil)
	require.ErrorIs(t, err, ErrInput)
	_, err = Fit(nil, MinMax{})
	require.ErrorIs(t, err, ErrInput)
}

func TestFoldsAreStratified(t *testing.T) {
	labels, x := make([]int, 53), make([]float64, 53)
	for i := range labels {
		x[i], labels[i] = float64(i), min(i/20, 2)
	}
	s, err := New(x, 1, []int{1}, labels, 3)
	require.NoError(t, err)
	train, test, err := s.Folds(5, 7)
	require.NoError(t, err)
	var all []float64
	for f := range 5 {
		require.Equal(t, 53, train[f].Len()+test[f].Len())
		for class, n := range test[f].Counts() {
			require.InDelta(t, float64(s.Counts()[class])/5, n, 0.99)
		}
		in := cells(t, test[f])
		all = append(all, slices.Concat(in...)...)
		for _, row := range cells(t, train[f]) {
			require.NotContains(t, in, row)
		}
	}
	slices.Sort(all)
	require.Equal(t, x, all)
	_, again, err := s.Folds(5, 7)
	require.NoError(t, err)
	require.Equal(t, cells(t, test[2]), cells(t, again[2]))
	_, _, err = s.Folds(1, 7)
	require.ErrorIs(t, err, ErrInput)
}

// FuzzPreparation: whatever a file says, samples are prepared, finite, or refused.
func FuzzPreparation(f *testing.F) {
	f.Add(`[{"categories":[0,2]},{"mean":[0,1,2],"std":[1,2,3]}]`)
	f.Add(`[{"mean":[0,1],"std":[0,-1]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		var p Preparation
		if json.NewDecoder(strings.NewReader(text)).Decode(&p) != nil {
			return
		}
		s, err := New([]float64{1, 0, 2, 1}, 1, []int{2}, []int{0, 1}, 2)
		require.NoError(t, err)
		out, err := p.Apply(s)
		if err == nil {
			require.Equal(t, 2, out.Len())
		}
	})
}
