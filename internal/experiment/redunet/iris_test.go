package redunet

import (
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIrisEndsAsByTheAuthors has the numbers of the authors' code: 2.115467 of the
// test features, 4 training samples and no test sample wrong. The first is that of
// three orthogonal lines, of 19, 13 and 13 samples; the rate reduction of the
// training features, 1.852564, is by NumPy, in float64, with the formulas of the paper.
func TestIrisEndsAsByTheAuthors(t *testing.T) {
	cfg, err := parse([]string{"-data", "iris", "-out", t.TempDir()}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "iris", cfg.Preset)
	sets, err := load(t.Context(), cfg)
	require.NoError(t, err)
	r, err := construct(t.Context(), cfg, sets, io.Discard)
	require.NoError(t, err)
	require.NoError(t, r.evaluate(t.Context(), io.Discard))
	lines := -math.Log(1+4/cfg.Eps2) / 2
	for _, n := range []float64{19, 13, 13} {
		lines += math.Log(1+4*n/45/cfg.Eps2) / 2
	}
	require.InDelta(t, 2.115467, lines, 5e-7)
	require.InDelta(t, lines, r.TestDeltaR, 5e-6)
	require.InDelta(t, 1.852564, r.DeltaR[3999], 5e-6)
	for _, accuracy := range []float64{r.Train.NearestSubspace, r.Train.KNN, r.Train.Linear} {
		require.InDelta(t, 101.0/105, accuracy, 1e-12)
	}
	require.Equal(t, accuracies{NearestSubspace: 1, KNN: 1, Linear: 1}, r.Test)
}
