package train

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Settings go to a folder that is made, with those above it, and to none where that cannot be.
func TestSettingsMakeTheirFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	require.NoError(t, CheckSettings(dir, map[string]int{"x": 1}, false))
	require.Equal(t, "{\n  \"x\": 1\n}\n", read(t, filepath.Join(dir, "settings.json")))
	file := filepath.Join(dir, "settings.json")
	err := CheckSettings(filepath.Join(file, "c"), 1, false)
	require.ErrorContains(t, err, "train: settings: mkdir ")
	require.ErrorContains(t, CheckSettings(filepath.Join(file, "c"), 1, true), "train: resume")
}

// A time is read from a regular file of up to a mebibyte, and only to go on.
func TestAStopwatchReadsItsFileAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "time")
	const most = 1 << 20
	for size, want := range map[int]float64{most: 2.5, most + 1: 0} {
		require.NoError(t, os.WriteFile(path, []byte("3 2.5"+strings.Repeat("\n", size-5)), 0o666))
		require.Equal(t, want, NewStopwatch(path, true).Seconds(), size)
		require.Zero(t, NewStopwatch(path, false).Seconds(), "a run that begins")
	}
	require.Zero(t, NewStopwatch(filepath.Dir(path), true).Seconds())
	require.Zero(t, NewStopwatch(path+"?", true).Seconds())
}
