package compare

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestATimeLimitStopsBothTrainingsAndAResumeEndsThem takes a step of each, which any
// time suffices for, and then the others.
func TestATimeLimitStopsBothTrainingsAndAResumeEndsThem(t *testing.T) {
	small := []string{"-epochs", "3", "-train", "200", "-test", "50", "-batch", "50", "-dim", "12"}
	whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	_, err := command(t.Context(), t, append(args(whole), small...))
	require.NoError(t, err)
	_, want := readSummary(t, whole)

	_, err = command(t.Context(), t, append(args(parts, "-for", "1ns"), small...))
	require.NoError(t, err)
	s, _ := readSummary(t, parts)
	require.Equal(t, 1, s.MCR2.Steps)
	require.Equal(t, 1, s.CE.Steps)
	page, err := os.ReadFile(filepath.Join(parts, "report.html"))
	require.NoError(t, err)
	require.Contains(t, string(page), "The training under MCR² was stopped after 1 of 12 steps, by -for")
	require.Contains(t, string(page), "The training under cross-entropy was stopped after 1 of 12 steps, by -for")

	_, err = command(t.Context(), t, append(args(parts, "-resume"), small...))
	require.NoError(t, err)
	_, got := readSummary(t, parts)
	require.Equal(t, want, got)

	_, err = parse([]string{"-for", "-1s"}, &strings.Builder{})
	require.ErrorContains(t, err, "-for -1s, want a time above 0")
}
