package experiment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/rundir"
)

type settings struct {
	LR     float64 `json:"lr"`
	Epochs int     `json:"epochs,omitempty"`
}

// begin opens a folder for a run and returns it with what was said.
func begin(t *testing.T, out string, s settings, resume bool) (*Folder, string, error) {
	t.Helper()
	var said strings.Builder
	f, err := OpenFolder(out, &said)
	require.NoError(t, err)
	err = f.Begin(Beginning{Settings: s, Resume: resume, Longer: []string{"epochs"}})
	return f, said.String(), err
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
		ran(t, "runs/a", settings{LR: lr})
	}
	var said strings.Builder
	f, err := OpenFolder("runs/a", &said)
	require.NoError(t, err)
	require.NoError(t, f.Begin(Beginning{Settings: settings{LR: 3}}))
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
	f, _, err := begin(t, dir, settings{LR: 1}, false)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(dir, "notes"), "no run has made it")
	require.NoError(t, f.Close())
}

func TestResumeGoesOnOnlyAsTheRunBegan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, _, err := begin(t, dir, settings{LR: 1}, true)
	require.NoError(t, err, "a job that always says -resume begins")
	require.NoError(t, f.Close())
	ran(t, dir, settings{LR: 1})
	f, _, err = begin(t, dir, settings{LR: 1}, true)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	f, _, err = begin(t, dir, settings{LR: 2}, true)
	require.ErrorContains(t, err, "in "+dir+":\n\tlearning rate 1 → 2")
	require.NoError(t, f.Close())
	require.NoError(t, os.Remove(filepath.Join(dir, "settings.json")))
	f, _, err = begin(t, dir, settings{LR: 1}, true)
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

func TestARunMayBecomeLonger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ran(t, dir, settings{LR: 1, Epochs: 10})
	for _, c := range []struct {
		epochs int
		says   string
	}{{20, ""}, {15, "epochs 20 → 15"}, {20, ""}} {
		f, _, err := begin(t, dir, settings{LR: 1, Epochs: c.epochs}, true)
		if c.says != "" {
			require.ErrorContains(t, err, c.says)
		} else {
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
	}
}

func TestResumeSaysWhatItDoesNotWant(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ran(t, dir, settings{LR: 1})
	for _, name := range []string{"stage", "notes", "loss.png"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o666))
	}
	var said strings.Builder
	f, err := OpenFolder(dir, &said)
	require.NoError(t, err)
	require.NoError(t, f.Begin(Beginning{Settings: settings{LR: 1}, Resume: true, Stages: []string{"stage"}}))
	require.NoError(t, f.Close())
	require.Equal(t, dir+" also holds what this run does not want: notes\n", said.String())
}

func TestAResultKnowsItsSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.json")
	var got []float64
	found, err := ReadResult(path, settings{LR: 1}, &got)
	require.NoError(t, err)
	require.False(t, found)
	require.NoError(t, WriteResult(path, settings{LR: 1}, []float64{2, 3}))
	found, err = ReadResult(path, settings{LR: 1}, &got)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, []float64{2, 3}, got)
	_, err = ReadResult(path, settings{LR: 2, Epochs: 5}, &got)
	require.EqualError(t, err, "-resume: "+path+
		" was made with other settings:\n\tepochs none → 5\n\tlearning rate 1 → 2")
	for text, says := range map[string]string{`{"result":[1]}`: "does not say what settings", `[2,`: "-resume: " + path,
		`{"settings":1,"result":{}}`: "-resume: " + path} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		_, err = ReadResult(path, settings{LR: 1}, &got)
		require.ErrorContains(t, err, says)
	}
}
