package experiment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzReadResult reads texts as a result of a run: none but one with its settings is
// taken, and an error says where it lies.
func FuzzReadResult(f *testing.F) {
	for _, text := range []string{
		`{"settings":{"lr":1},"result":[2,3]}`, `{"settings":{"lr":2},"result":[2,3]}`, `{"settings":{},"result":null}`,
		`{"settings":null}`, `{"settings":{"lr":1},"settings":{"lr":2}}`,
		`[2,`, `{"result":[1]}`, `{"settings":1,"result":{}}`, `{"settings":{"lr":1e999}}`, "\x00",
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "result.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		var got []float64
		found, err := ReadResult(path, settings{LR: 1}, &got)
		switch {
		case err != nil && (found || !strings.Contains(err.Error(), path)):
			t.Errorf("%t, %v", found, err)
		case err == nil && !found:
			t.Error("the file is there")
		case err == nil:
			again := filepath.Join(dir, "again.json")
			require.NoError(t, WriteResult(again, settings{LR: 1}, got))
			var same []float64
			found, err := ReadResult(again, settings{LR: 1}, &same)
			require.True(t, found && err == nil)
			require.Equal(t, len(got), len(same))
		}
	})
}

// FuzzGrown reads texts as the settings of the run that lies in a folder: nothing is free
// to be another but what has grown.
func FuzzGrown(f *testing.F) {
	for _, text := range []string{
		`{"epochs":3}`, `{"epochs":9}`, `{"epochs":"3"}`, `[]`, `{"epochs":null}`, `{`, `{"epochs":1e400}`,
	} {
		f.Add(text)
	}
	dir := filepath.Join(f.TempDir(), "run")
	folder, err := OpenFolder(dir, &strings.Builder{})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, folder.Close()) })
	f.Fuzz(func(t *testing.T, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, settingsName), []byte(text), 0o666))
		free, err := folder.grown(
			Beginning{Settings: settings{LR: 1, Epochs: 5}, Longer: []string{"epochs", "nothing"}},
		)
		require.NoError(t, err)
		if len(free) > 1 || len(free) == 1 && free[0] != "epochs" {
			t.Errorf("%v of %s", free, text)
		}
	})
}
