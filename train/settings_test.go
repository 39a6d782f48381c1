package train_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/train"
)

func TestSettleGoesOnOnlyAsTheRunBegan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, train.Settle(dir, []byte(`{"lr": 1}`), true), "nothing is there yet")
	require.NoError(t, train.Settle(dir, []byte(`{"lr": 1}`), true))
	require.ErrorContains(t, train.Settle(dir, []byte(`{"lr": 2}`), true), "the settings differ")
	kept, err := os.ReadFile(filepath.Join(dir, "settings.json"))
	require.NoError(t, err)
	require.Equal(t, "{\"lr\": 1}\n", string(kept))
	require.NoError(t, train.Settle(dir, []byte(`{"lr": 2}`), false), "a new run")
}

func TestAStopwatchGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seconds.txt")
	require.NoError(t, os.WriteFile(path, []byte("1000\n"), 0o666))
	s := train.NewStopwatch(path, true)
	require.NoError(t, s.Step(nil))
	require.Greater(t, s.Seconds(), 1000.0)
	require.NoError(t, s.Finish(nil, nil))
	require.GreaterOrEqual(t, train.NewStopwatch(path, true).Seconds(), s.Seconds())
	require.Zero(t, train.NewStopwatch(path, false).Seconds())
}
