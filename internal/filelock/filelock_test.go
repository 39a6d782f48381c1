package filelock_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/filelock"
)

// TestTheSecondOfTwoWaitsForTheFirst: the lock is of the open file, not of the process.
func TestTheSecondOfTwoWaitsForTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		return f
	}
	first, second := open(), open()
	if filelock.Try(first) == filelock.ErrNever {
		return // there are none here
	}
	require.ErrorIs(t, filelock.Try(second), filelock.ErrHeld)
	require.NoError(t, first.Close())
	require.NoError(t, filelock.Try(second))
}

func TestAFileThatWasMovedOrReplacedIsNotAtItsPlace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	f, err := os.Create(path)
	require.NoError(t, err)
	require.True(t, filelock.IsAt(f, os.Stat, path))
	require.NoError(t, f.Close())
	require.False(t, filelock.IsAt(f, os.Stat, path), "it is closed")
	f, err = os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	if filelock.RemovesOpen {
		require.NoError(t, os.Rename(path, filepath.Join(dir, "other")))
		require.False(t, filelock.IsAt(f, os.Stat, path), "nothing is")
		require.NoError(t, os.WriteFile(path, nil, 0o666))
		require.False(t, filelock.IsAt(f, os.Stat, path), "another is")
		require.True(t, filelock.IsAt(f, os.Stat, filepath.Join(dir, "other")))
	}
}
