//go:build whitebox_cuda && linux && (amd64 || arm64)

package redunet_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// TestAConstructionOnADeviceGoesOnWhereItWasCut with the same bits as one on the device
// that was not.
func TestAConstructionOnADeviceGoesOnWhereItWasCut(t *testing.T) {
	fake.Use(t)
	d, err := cuda.Open(0)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	for name, c := range map[string]struct {
		n     int
		shape []int
		batch int
	}{"vectors": {20, []int{6}, 7}, "few vectors": {3, []int{20}, 0}, "images": {6, []int{2, 5, 6}, 0}} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			set := blobs(t, 1, 3, c.n, c.shape...)
			cfg := redunet.Config{Batch: c.batch, Device: d}
			cfg.Net = models.ReduNetConfig{Layers: 3, Dtype: dt, Shape: c.shape, Eta: 0.4, Lambda: 20}
			want, rates, err := redunet.Build(t.Context(), set, cfg)
			require.NoError(t, err, name)
			hook := &cut{at: 2}
			cfg.Hooks = []train.Hook{hook}
			_, _, err = redunet.Build(t.Context(), set, cfg)
			require.ErrorIs(t, err, context.Canceled, name)
			cfg.Start, cfg.Hooks = hook.start(), nil
			got, again, err := redunet.Build(t.Context(), set, cfg)
			require.NoError(t, err, name)
			require.Equal(t, rates, again, name)
			for i, p := range want.Params() {
				require.Equal(t, p.Value.Data(), got.Params()[i].Value.Data(), "%s, %v: %s", name, dt, p.Name)
			}
		}
	}
}
