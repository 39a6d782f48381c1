package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSweepsPrintAndDraw(t *testing.T) {
	small := sweep{"layers", []int{1, 2}, func(v int) workload { return reduNet("cost", 20, v, 2, 3) }}
	var out strings.Builder
	dir := t.TempDir()
	require.NoError(t, drawSweeps(&out, wall(t), dir, 1, 1, []sweep{small, small}))
	require.Equal(t, 4, strings.Count(out.String(), "layers\t"))
	require.FileExists(t, filepath.Join(dir, "redunet-cost.png"))
	for _, s := range sweeps() {
		require.NotEmpty(t, s.values, s.name)
	}
}
