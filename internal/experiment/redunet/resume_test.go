package redunet

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An impatient context is done after it was asked some times.
type impatient struct {
	context.Context
	polls int
}

func (c *impatient) Err() error {
	if c.polls--; c.polls < 0 {
		return context.Canceled
	}
	return nil
}

// TestAConstructionGoesOn is cut twice, and ends with the network and the summary of one
// that was not; of vectors, and of images, whose lifting is there before the layers.
func TestAConstructionGoesOn(t *testing.T) {
	for _, preset := range []string{"digits-vector", "digits-translation"} {
		args := []string{"-preset", preset, "-samples", "4", "-layers", "7", "-finetune", "2"}
		whole, parts := t.TempDir(), t.TempDir()
		_, err := command(t.Context(), t, append(args, "-out", whole)...)
		require.NoError(t, err)
		args = append(args, "-out", parts, "-resume")
		layers := 0
		for range 2 {
			_, err = command(&impatient{Context: t.Context(), polls: 8}, t, args...)
			require.ErrorIs(t, err, context.Canceled)
			require.NoFileExists(t, filepath.Join(parts, "summary.json"))
			cfg, err := parse(args, io.Discard)
			require.NoError(t, err)
			k, err := newKeeper(cfg)
			require.NoError(t, err)
			require.Greater(t, k.layers, layers, preset)
			require.Less(t, k.layers, 7, preset)
			layers = k.layers
		}
		_, err = command(t.Context(), t, args...)
		require.NoError(t, err)
		want, got := readSummary(t, whole), readSummary(t, parts)
		require.Positive(t, got.SecondsBuild)
		want.SecondsBuild, got.SecondsBuild = 0, 0
		require.Equal(t, want, got)
		require.Equal(t, read(t, whole, netName), read(t, parts, netName))

		_, err = command(t.Context(), t, args...)
		require.NoError(t, err, "what is done is there")
		require.Equal(t, read(t, whole, netName), read(t, parts, netName))
		_, err = command(t.Context(), t, append(args, "-eta", "0.25", "-layers", "9")...)
		require.ErrorContains(t, err, "eta 0.5 → 0.25\n\tlayers 7 → 9")
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return b
}

// TestAnotherRunsLayersAreRefused has settings.json of one run, and the layers of another.
func TestAnotherRunsLayersAreRefused(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	for dir, eta := range map[string]string{one: "0.5", other: "0.25"} {
		_, err := command(t.Context(), t, "-preset", "digits-vector", "-samples", "2", "-layers", "2", "-eta", eta,
			"-out", dir)
		require.NoError(t, err)
	}
	require.NoError(t, os.WriteFile(filepath.Join(one, "settings.json"), read(t, other, "settings.json"), 0o666))
	_, err := command(t.Context(), t, "-preset", "digits-vector", "-samples", "2", "-layers", "2", "-eta", "0.25",
		"-out", one, "-resume")
	require.ErrorContains(t, err, "result.json was made with other settings:\n\teta 0.5 → 0.25")
}
