package data_test

import (
	"fmt"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// setsOfEveryKind are sets with classes of 3, 7 and 10 samples, whose first number tells which sample it is.
func setsOfEveryKind(t *testing.T) map[string]*data.Set {
	t.Helper()
	const n = 20
	files, x, y := map[string][]byte{}, []byte(nil), []byte(nil)
	text := "a,class\n"
	for i := range n {
		class := min(i*7%n/3, 2) // 0 three times, 1 three times, else 2
		if class == 2 && i*7%n < 10 {
			class = 1
		}
		m := image.NewGray(image.Rect(0, 0, 2, 1))
		m.SetGray(0, 0, color.Gray{Y: byte(i)})
		files[fmt.Sprintf("%c/%02d.png", 'a'+class, i)] = pngOf(t, m)
		text += fmt.Sprintf("%d,%c\n", i, 'a'+class)
		x, y = append(x, byte(i), 0), append(y, byte(class))
	}
	must := func(s *data.Set, err error) *data.Set {
		require.NoError(t, err)
		return s
	}
	sets := map[string]*data.Set{
		"images": must(data.ImageFolder{Dir: folderOf(t, files)}.Load(t.Context())),
		"table":  must(data.LoadCSV(folderOf(t, map[string][]byte{"t": []byte(text)})+"/t", data.CSVConfig{})),
		"arrays": must(data.NewArrays(array(t, "|u1", "20, 1, 2, 1", x...), array(t, "|u1", "20", y...),
			data.ArraysConfig{ChannelsLast: true})),
		"targets": must(data.NewArrays(array(t, "|u1", "20, 2", x...), array(t, "|u1", "20", y...),
			data.ArraysConfig{Targets: true})),
	}
	prepare, err := data.Fit(sets["table"], data.Standardize{}, data.MinMax{})
	require.NoError(t, err)
	sets["prepared"] = must(prepare.Apply(sets["table"]))
	all := make([]int, n)
	for i := range all {
		all[i] = n - 1 - i
	}
	sets["subset"] = must(sets["images"].Subset(all))
	return sets
}

// Split and Folds take each sample once, and of each class its share, of any set.
func TestEverySetIsDividedByClass(t *testing.T) {
	for name, s := range setsOfEveryKind(t) {
		if name != "targets" {
			require.Equal(t, []int{3, 7, 10}, s.Counts(), name)
		}
		rest, part, err := s.Split(0.3, 4)
		require.NoError(t, err)
		once(t, s, rest, part)
		if name != "targets" {
			require.Equal(t, []int{1, 2, 3}, part.Counts(), name)
			require.Equal(t, s.ClassNames(), part.ClassNames())
		} else {
			require.Equal(t, 6, part.Len())
		}
		again, _, err := s.Split(0.3, 4)
		require.NoError(t, err)
		require.Equal(t, first(t, rest), first(t, again))
		other, _, err := s.Split(0.3, 5)
		require.NoError(t, err)
		require.NotEqual(t, first(t, rest), first(t, other), name)

		trains, tests, err := s.Folds(4, 9)
		require.NoError(t, err)
		once(t, s, tests...)
		for f, test := range tests {
			once(t, s, trains[f], test)
			require.Equal(t, 5, test.Len(), name)
			if name == "targets" {
				continue
			}
			for class, count := range test.Counts() {
				require.InDelta(t, float64(s.Counts()[class])/4, count, 0.75, "%s: class %d of fold %d", name, class, f)
			}
		}
	}
}

// first returns the first number of each sample.
func first(t *testing.T, s *data.Set) (all []float64) {
	t.Helper()
	for i := range s.Len() {
		row, err := s.Row(nil, i)
		require.NoError(t, err)
		all = append(all, row[0])
	}
	return all
}

// once checks that parts have each sample of s once, with its target.
func once(t *testing.T, s *data.Set, parts ...*data.Set) {
	t.Helper()
	targets := func(s *data.Set) map[float64]float64 {
		of := make(map[float64]float64)
		for i, v := range first(t, s) {
			y, err := s.Target(nil, i)
			require.NoError(t, err)
			of[v] = y[0]
		}
		return of
	}
	whole, n := targets(s), 0
	require.Len(t, whole, s.Len())
	seen := make(map[float64]float64)
	for _, p := range parts {
		for v, y := range targets(p) {
			seen[v] = y
		}
		n += p.Len()
	}
	require.Equal(t, whole, seen)
	require.Equal(t, s.Len(), n)
}
