package compare

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// short returns a run of few samples into dir.
func short(dir string, more ...string) []string {
	return append(args(dir, "-train", "100", "-test", "40", "-batch", "50", "-dim", "12"), more...)
}

// TestNothingOfAnOlderRunIsTakenOver starts another run where one lies, stops it, and goes
// on: what comes out is that of the other run, and the older one is kept.
func TestNothingOfAnOlderRunIsTakenOver(t *testing.T) {
	dir, alone := filepath.Join(t.TempDir(), "run"), t.TempDir()
	_, err := command(t.Context(), t, append(short(dir, "-epochs", "2"), "-lr", "0.02"))
	require.NoError(t, err)
	_, older := readSummary(t, dir)
	_, err = command(&impatient{Context: t.Context(), polls: 2}, t, append(short(dir, "-epochs", "2"), "-lr", "0.001"))
	require.ErrorIs(t, err, context.Canceled)
	_, err = command(t.Context(), t, append(short(dir, "-epochs", "2"), "-lr", "0.02", "-resume"))
	require.ErrorContains(t, err, "learning rate 0.001 → 0.02")
	_, err = command(t.Context(), t, append(short(dir, "-epochs", "2"), "-lr", "0.001", "-resume"))
	require.NoError(t, err)
	_, err = command(t.Context(), t, append(short(alone, "-epochs", "2"), "-lr", "0.001"))
	require.NoError(t, err)
	_, got := readSummary(t, dir)
	_, want := readSummary(t, alone)
	require.Equal(t, want, got)
	_, kept := readSummary(t, dir+".1")
	require.Equal(t, older, kept)
}

// TestACheckpointOfAnotherRunIsRefused has the settings of one run, and the checkpoint of another.
func TestACheckpointOfAnotherRunIsRefused(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	for dir, lr := range map[string]string{one: "0.001", other: "0.002"} {
		_, err := command(t.Context(), t, short(dir, "-epochs", "1", "-lr", lr))
		require.NoError(t, err)
	}
	text, err := os.ReadFile(filepath.Join(other, "mcr2", "last.safetensors"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(one, "mcr2", "last.safetensors"), text, 0o666))
	_, err = command(t.Context(), t, short(one, "-epochs", "1", "-lr", "0.001", "-resume"))
	require.ErrorContains(t, err, "learning rate 0.002 → 0.001")
}

// TestARunMayBecomeLonger where no rate depends on its length: more epochs give what a run
// of as many gives.
func TestARunMayBecomeLonger(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	for dir, epochs := range map[string][]string{whole: {"3"}, parts: {"1", "3"}} {
		for _, n := range epochs {
			_, err := command(t.Context(), t, short(dir, "-epochs", n, "-schedule", "constant", "-resume"))
			require.NoError(t, err)
		}
	}
	_, want := readSummary(t, whole)
	_, got := readSummary(t, parts)
	require.Equal(t, want, got)
	for says, flags := range map[string][]string{"epochs 3 → 2": {"-epochs", "2", "-schedule", "constant"},
		"schedule constant → cosine": {"-epochs", "3"}} {
		_, err := command(t.Context(), t, short(parts, append(flags, "-resume")...))
		require.ErrorContains(t, err, says)
	}
}
