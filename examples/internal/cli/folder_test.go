package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/rundir"
)

type settings struct {
	LR float64 `json:"lr"`
}

// begin opens a folder for a run and returns it with what was said.
func begin(t *testing.T, out string, s settings, resume bool) (*Folder, string, error) {
	t.Helper()
	var said strings.Builder
	f, err := OpenFolder(out, &said)
	require.NoError(t, err)
	return f, said.String(), f.Begin(s, resume)
}

// ran does a run that writes a result.
func ran(t *testing.T, out string, s settings) {
	t.Helper()
	f, _, err := begin(t, out, s, false)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(out, "summary.json"), []byte("{}"), 0o666))
	require.NoError(t, f.Close())
}

func TestAFreshRunKeepsTheOlder(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, lr := range []float64{1, 2} {
		ran(t, "runs/a", settings{lr})
	}
	var said strings.Builder
	f, err := OpenFolder("runs/a", &said)
	require.NoError(t, err)
	require.NoError(t, f.Begin(settings{3}, false))
	require.Equal(t, "runs/a: the older run is kept, as runs/a.2\n", said.String())
	require.NoError(t, f.Close())
	require.NoDirExists(t, "runs/a", "it has written nothing")
	for name, want := range map[string]string{"runs/a.1": "1", "runs/a.2": "2"} {
		text, err := os.ReadFile(filepath.Join(name, "settings.json"))
		require.NoError(t, err)
		require.Equal(t, "{\n  \"lr\": "+want+"\n}\n", string(text))
		require.FileExists(t, filepath.Join(name, "summary.json"))
	}
}

func TestFilesOfOthersStay(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes"), nil, 0o666))
	f, _, err := begin(t, dir, settings{1}, false)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(dir, "notes"), "no run has made it")
	require.NoError(t, f.Close())
}

func TestResumeGoesOnOnlyAsTheRunBegan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, _, err := begin(t, dir, settings{1}, true)
	require.NoError(t, err, "a job that always says -resume begins")
	require.NoError(t, f.Close())
	ran(t, dir, settings{1})
	f, _, err = begin(t, dir, settings{1}, true)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	f, _, err = begin(t, dir, settings{2}, true)
	require.ErrorContains(t, err, "-out: train: resume")
	require.NoError(t, f.Close())
	require.NoError(t, os.Remove(filepath.Join(dir, "settings.json")))
	f, _, err = begin(t, dir, settings{1}, true)
	require.ErrorContains(t, err, "no settings.json")
	require.NoError(t, f.Close())
	require.FileExists(t, filepath.Join(dir, "summary.json"))
}

func TestALockedFolderIsSaid(t *testing.T) {
	dir := t.TempDir()
	f, err := OpenFolder(dir, &strings.Builder{})
	require.NoError(t, err)
	_, err = OpenFolder(dir, &strings.Builder{})
	require.ErrorIs(t, err, rundir.ErrLocked)
	require.ErrorContains(t, err, "-out: ")
	require.NoError(t, f.Close())
}
