package train_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/train"
)

type ofARun struct {
	LR     float64 `json:"lr"`
	Model  string  `json:"model"`
	Width  int     `json:"width,omitempty"`
	Epochs int     `json:"epochs"`
}

func TestSettleGoesOnOnlyAsTheRunBegan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	began := ofARun{0.02, "mlp", 0, 10}
	require.ErrorIs(t, train.CheckSettings(dir, began, true), fs.ErrNotExist, "nobody knows what the run was made with")
	require.NoDirExists(t, dir)
	require.NoError(t, train.CheckSettings(dir, began, false))
	require.NoError(t, train.CheckSettings(dir, began, true))
	require.NoError(t, train.CheckSettings(dir, []byte(`{"model":"mlp","lr":2e-2,"epochs":10}`), true),
		"the same numbers, written otherwise")
	require.NoError(t, train.CheckSettings(dir, began, true))
	for _, free := range [][]string{nil, {"epochs"}} {
		err := train.CheckSettings(dir, ofARun{0.001, "mlp", 32, 20}, true, free...)
		want := "train: resume: the settings differ from those of the run in " + dir + ":\n\t"
		if free == nil {
			want += "epochs 10 → 20\n\t"
		}
		require.EqualError(t, err, want+"learning rate 0.02 → 0.001\n\twidth none → 32")
	}
	kept, err := os.ReadFile(filepath.Join(dir, "settings.json"))
	require.NoError(t, err)
	require.Equal(t, "{\n  \"lr\": 0.02,\n  \"model\": \"mlp\",\n  \"epochs\": 10\n}\n", string(kept))
	require.NoError(t, train.CheckSettings(dir, ofARun{0.02, "mlp", 0, 20}, true, "epochs"))
	require.NoError(t, train.CheckSettings(dir, ofARun{0.02, "mlp", 0, 20}, true), "they are those of the run now")
	require.NoError(t, train.CheckSettings(dir, ofARun{1, "resnet", 0, 1}, false), "a new run")
}

func TestSettingsThatAreNoJSONAreRefused(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, train.CheckSettings(dir, func() {}, false), "train: settings")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "settings.json"), []byte(`{"lr": 0.0`), 0o666))
	require.ErrorContains(t, train.CheckSettings(dir, ofARun{}, true), "settings.json")
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
