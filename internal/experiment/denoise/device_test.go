//go:build whitebox_cuda && linux && (amd64 || arm64)

package denoise

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/nn"
)

// sensed trains both networks on a device, with a dictionary that nobody learned.
func sensed(t *testing.T, device string) (all []*recovery) {
	t.Helper()
	d, err := cuda.Choose(device)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	cfg, err := parse([]string{"-images", "10", "-steps", "5", "-layers", "3"}, io.Discard)
	require.NoError(t, err)
	clean, training, err := load(t.Context(), cfg)
	require.NoError(t, err)
	s := newSensing(cfg, clean, training, cosines(cfg.Patch))
	s.options, s.progress = nn.Options{Device: d}, io.Discard
	s.Recoveries = []*recovery{{Tuned: 0.03}}
	for _, network := range []func(context.Context) (*recovery, error){s.unsupervised, s.supervised} {
		r, err := network(t.Context())
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

// TestDeviceSensesAsTheHost trains on both.
func TestDeviceSensesAsTheHost(t *testing.T) {
	fake.Use(t)
	last, _ := fake.Last(t)
	want, got := sensed(t, "cpu"), sensed(t, last)
	for i, r := range want {
		require.InDeltaSlice(t, r.ByLayer, got[i].ByLayer, 1e-2,
			"%s, in dB: Adam begins with signs of gradients, some of which round to the other", r.Name)
	}
}
