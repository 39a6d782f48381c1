package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSweepsPrintAndDraw(t *testing.T) {
	small := sweep{"layers", []int{1, 2}, func(v int) workload { return reduNet("cost", 20, v, 2, 3) },
		func(v float64) float64 { return 1e9 * v }}
	var out strings.Builder
	dir := t.TempDir()
	of := []family{{"redunet", "Twenty samples", []sweep{small, small}}, {"other", "None", nil}}
	require.NoError(t, drawSweeps(&out, wall(t), dir, "redunet", 1, 1, of))
	text := out.String()
	require.Contains(t, text, "## redunet\n\nTwenty samples.\n\n| layers | 1 | 2 |\n|---|---:|---:|\n| ms |")
	require.Equal(t, 2, strings.Count(text, "| GFLOP | 1 | 2 |"))
	require.Regexp(t, `\| layers, 1 to 2 \| -?[0-9.]+ \| 1.00 \| -?[0-9.]+ \|`, text)
	require.FileExists(t, filepath.Join(dir, "redunet-cost.png"))
	require.NoFileExists(t, filepath.Join(dir, "other-cost.png"))
	require.ErrorContains(t, drawSweeps(&out, wall(t), dir, "none", 1, 1, of), "no family begins with any of")
}

func TestTheExponentIsThatOfAPower(t *testing.T) {
	x, y := []float64{1, 2, 5, 30}, make([]float64, 4)
	for i := range x {
		y[i] = 7 * math.Pow(x[i], 2.5)
	}
	require.InDelta(t, 2.5, exponent(x, y), 1e-12)
	require.InDelta(t, 0, exponent(x, []float64{3, 3, 3, 3}), 1e-12)
}

// TestEveryFamilyRuns measures each sweep small, at its ends.
func TestEveryFamilyRuns(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range families(8) {
		require.False(t, seen[f.name], f.name)
		seen[f.name] = true
		for _, s := range f.sweeps {
			require.GreaterOrEqual(t, len(s.values), 3, "%s by %s: an exponent of two points is no fit", f.name, s.name)
			if s.name != "layers of 16 atoms" { // of as many layers at any size
				s.values = []int{s.values[0], s.values[1]}
				g, err := grow(wall(t), s, 1, 1)
				require.NoError(t, err, "%s by %s", f.name, s.name)
				require.Len(t, g.ms, 2)
			}
			require.Greater(t, s.operations(20), s.operations(10)*0.9, "%s by %s", f.name, s.name)
		}
	}
}

// TestOperationsAreThoseOfFormulas has counts that are known.
func TestOperationsAreThoseOfFormulas(t *testing.T) {
	require.InDelta(t, 2*1024*1024*1024, families(1)[0].sweeps[0].operations(1024), 0)
	// b = 512: 4·512·784·512 + 6·512·512·128
	require.InDelta(t, 1.02e9, perceptronOperations(512, 512, 1), 0.01e9)
	// a layer: 2bmn forward and for its gradient; 2bn² forward, for its gradient and back
	require.InDelta(t, 64*(4*16*250*500+6*15*500*500), listaOperations(64, 250, 500, 16), 0)
}
