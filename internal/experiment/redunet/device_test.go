//go:build whitebox_cuda && linux && (amd64 || arm64)

package redunet

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

// finetuned constructs a network and returns its fine-tunings on a device.
func finetuned(t *testing.T, device string, args ...string) (f []*finetuning) {
	t.Helper()
	cfg, err := parse(append(args, "-layers", "2", "-out", t.TempDir()), io.Discard)
	require.NoError(t, err)
	cfg.on, err = cuda.Choose(device)
	require.NoError(t, err)
	defer func() { require.NoError(t, cfg.on.Close()) }()
	sets, err := load(t.Context(), cfg)
	require.NoError(t, err)
	r, err := construct(t.Context(), cfg, sets, io.Discard)
	require.NoError(t, err)
	whole, err := newPredictor(both(r.net), sets.train, cfg.on)
	require.NoError(t, err)
	defer func() { require.NoError(t, whole.Close()) }()
	r.train, err = featuresOf(t.Context(), whole, sets.train)
	require.NoError(t, err)
	require.NoError(t, r.finetune(t.Context(), io.Discard))
	return r.Finetuned
}

// TestDeviceFinetunesAsTheHost has networks of vectors and of images, all on the
// device. The accuracies may differ by a sample or two that float32 rounds to another class.
func TestDeviceFinetunesAsTheHost(t *testing.T) {
	fake.Use(t)
	last, _ := fake.Last(t)
	for preset, args := range map[string][]string{
		"vectors": {"-preset", "digits-vector", "-samples", "10", "-finetune", "3"},
		"images":  {"-preset", "digits-translation", "-samples", "4", "-channels", "2", "-finetune", "15"},
	} {
		want, got := finetuned(t, "cpu", args...), finetuned(t, last, args...)
		require.Len(t, got, 2, preset)
		for i, f := range want {
			require.InDelta(t, f.Train, got[i].Train, 0.05, "%s from %s", preset, f.From)
			require.InDelta(t, f.Test, got[i].Test, 0.05, "%s from %s", preset, f.From)
		}
	}
}
