//go:build whitebox_cuda && linux && (amd64 || arm64)

package redunet_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
)

// TestDeviceConstructsAsTheHost compares rates, all parameters and the features that
// the network makes: of vectors and spectra, in batches that do not fill the last one,
// with classes of many samples and of few.
func TestDeviceConstructsAsTheHost(t *testing.T) {
	for name, c := range map[string]struct {
		n     int
		shape []int
		cfg   redunet.Config
	}{
		"vectors":              {20, []int{6}, redunet.Config{Batch: 7}},
		"few vectors":          {3, []int{20}, redunet.Config{}},
		"few vectors, dense":   {3, []int{20}, redunet.Config{Dense: true}},
		"vectors, labels":      {20, []int{6}, redunet.Config{Labels: true}},
		"vectors, first order": {20, []int{6}, redunet.Config{FirstOrder: true}},
		"signals":              {6, []int{3, 19}, redunet.Config{Batch: 4}},
		"images":               {6, []int{2, 5, 6}, redunet.Config{}},
		"images, streamed":     {6, []int{2, 5, 6}, redunet.Config{Batch: 5, Stream: true}},
		"signals, first order": {6, []int{3, 8}, redunet.Config{FirstOrder: true}},
	} {
		for _, dt := range []struct {
			tensor.Dtype
			tol float64
		}{{tensor.Float64, 1e-10}, {tensor.Float32, 1e-4}} {
			t.Run(name+"/"+dt.String(), func(t *testing.T) {
				set := blobs(t, 1, 3, c.n, c.shape...)
				cfg := c.cfg
				cfg.Net = models.ReduNetConfig{Layers: 3, Dtype: dt.Dtype, Shape: c.shape, Eta: 0.4, Lambda: 20}
				want, wantRates := buildNet(t, set, cfg)

				fake.Use(t)
				d, err := cuda.Open(0)
				require.NoError(t, err)
				defer func() { require.NoError(t, d.Close()) }()
				cfg.Device = d
				got, rates := buildNet(t, set, cfg)
				require.Len(t, rates, len(wantRates))
				for l := range rates {
					require.InEpsilon(t, wantRates[l].R, rates[l].R, dt.tol, "layer %d", l)
					require.InEpsilon(t, wantRates[l].Rc, rates[l].Rc, dt.tol, "layer %d", l)
				}
				for i, p := range got.Params() {
					requireNear(t, p.Name, numbers(want.Params()[i]), numbers(p), dt.tol)
				}
				if dt.Dtype == tensor.Float32 {
					return
				}
				features := collect(t, got, set, set.Len()).RawMatrix().Data
				requireNear(t, "features", collect(t, want, set, set.Len()).RawMatrix().Data, features, dt.tol)
			})
		}
	}
}

// numbers returns the values of a parameter.
func numbers(p *nn.Param) []float64 {
	if p.Value.Dtype() == tensor.Float64 {
		return p.Value.Float64s()
	}
	out := make([]float64, 0, p.Value.Size())
	for _, v := range p.Value.Float32s() {
		out = append(out, float64(v))
	}
	return out
}

// requireNear compares relative to the largest magnitude.
func requireNear(t *testing.T, what string, want, got []float64, tol float64) {
	t.Helper()
	require.Len(t, got, len(want), what)
	largest := 0.0
	for _, v := range want {
		largest = max(largest, v, -v)
	}
	for i, v := range want {
		require.InDelta(t, v, got[i], tol*largest, "%s, number %d", what, i)
	}
}

// TestADeviceThatCannotFinishAConstructionLeavesNothingThere lets calls fail.
func TestADeviceThatCannotFinishAConstructionLeavesNothingThere(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	set := blobs(t, 1, 3, 6, 3, 19)
	for _, call := range []string{"cuMemAlloc_v2", "cusolverDnZpotrfBatched", "cublasZtrsmBatched",
		"cuModuleGetFunction", "cufftMakePlanMany"} {
		d, err := cuda.Open(0)
		require.NoError(t, err)
		for nth := 1; nth <= 2; nth++ {
			c.Fail(call, nth, 2)
			_, _, err = redunet.Build(t.Context(), set,
				redunet.Config{Net: models.ReduNetConfig{Layers: 2, Shape: []int{3, 19}}, Device: d})
			require.Error(t, err, "%s %d", call, nth)
			require.Zero(t, d.Driver.Live(), "%s %d", call, nth)
		}
		require.NoError(t, d.Close())
	}
}
