package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
)

// files writes the files of a run that is whole, and returns its folder.
func files(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	weights, err := safetensors.New("w", []float32{1, 2}, 2)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "stage"), 0o777))
	require.NoError(t, safetensors.WriteFile(filepath.Join(dir, "stage/last.safetensors"),
		[]safetensors.Tensor{weights}, nil))
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
	for name, text := range map[string]string{
		"summary.json":    `{"accuracy": 1, "seconds": {"a": 1, "b": 2}, "methods": [{"seconds_build": 3}]}`,
		"stage/log.jsonl": "{\"step\":1}\n",
		"log.csv":         "a,b\n1,2\n", "a.png": picture.String(), "a.svg": "<svg><g/></svg>",
		"report.html": "<html></html>",
		"seconds.txt": "1 2\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return dir
}

func TestBrokenFilesAreFound(t *testing.T) {
	whole, err := readRun(files(t))
	require.NoError(t, err)
	require.Len(t, whole.files, 8)
	for name := range whole.files {
		dir := files(t)
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text[:len(text)-3], 0o666))
		_, err = readRun(dir)
		require.ErrorContains(t, err, name+" is broken")
	}
}

func TestDifferencesAreFound(t *testing.T) {
	whole, err := readRun(files(t))
	require.NoError(t, err)
	for name, text := range map[string]string{
		"summary.json": `{"accuracy": 0.5}`, "stage/log.jsonl": "{\"step\":2}\n", "a.svg": "<svg/>", "new": "",
		"log.csv": "",
	} {
		dir := files(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
		other, err := readRun(dir)
		require.NoError(t, err)
		require.Equal(t, []string{name}, other.differences(whole))
		require.Equal(t, []string{name}, whole.differences(other))
	}
	same, err := readRun(files(t))
	require.NoError(t, err)
	require.Empty(t, same.differences(whole))
}

func TestWhatIsLeftIsFound(t *testing.T) {
	dir := files(t)
	b := &bench{dir: filepath.Dir(dir)}
	name := filepath.Base(dir)
	require.NoError(t, b.checkLeft(name))
	require.NoError(t, b.checkLeft("no such folder"))
	for _, left := range []string{"run.lock", "stage/.last.safetensors.ABC.part"} {
		path := filepath.Join(dir, left)
		require.NoError(t, os.WriteFile(path, nil, 0o666))
		require.ErrorContains(t, b.checkLeft(name), filepath.Base(left)+" is left")
		require.NoError(t, os.Remove(path))
	}
}

func TestSecondsAreThoseOfTheRun(t *testing.T) {
	dir := files(t)
	b := &bench{dir: filepath.Dir(dir)}
	require.NoError(t, b.checkSeconds(filepath.Base(dir), 6*time.Second))
	require.ErrorContains(t, b.checkSeconds(filepath.Base(dir), 5*time.Second), "of 5.00 that the run took")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "summary.json"), []byte(`{"seconds": {"a": 0, "b": 2}}`), 0o666))
	require.Error(t, b.checkSeconds(filepath.Base(dir), 6*time.Second))
}
