package data

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPartThatWasMovedMeanwhileIsNotClaimed: between the opening of a part and its lock
// another process may finish it, so that what is open is the file itself.
func TestAPartThatWasMovedMeanwhileIsNotClaimed(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // where nobody can
	}
	for _, replaced := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "file")
		var part string
		calls := 0
		slow := func(f *os.File) (bool, error) {
			part = f.Name()
			if calls++; calls == 1 {
				require.NoError(t, os.Rename(part, path+".whole"))
				if replaced { // by the part of a third
					require.NoError(t, os.WriteFile(part, []byte("third"), 0o666))
				}
			}
			return true, nil
		}
		f, err := claimBy(t.Context(), path, slow)
		require.NoError(t, err)
		require.Equal(t, 2, calls, "the first was of another file")
		require.NoError(t, os.Remove(path+".whole"))
		_, err = f.WriteString("x")
		require.NoError(t, err)
		require.NoError(t, f.Close())
		text, err := os.ReadFile(part)
		require.NoError(t, err, "what was claimed is at its place")
		require.Equal(t, "x", string(text[:1]))
	}
	path := filepath.Join(t.TempDir(), "file")
	f, err := claimBy(t.Context(), path, func(f *os.File) (bool, error) { return true, os.Rename(f.Name(), path) })
	require.NoError(t, err)
	require.Nil(t, f, "the other has fetched it")
}
