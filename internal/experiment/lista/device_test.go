//go:build whitebox_cuda && linux && (amd64 || arm64)

package lista

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
)

// TestDeviceTrainsAsTheHost runs the command on both, end to end and layer by layer:
// every network of the benchmark, its probes and its evaluation, all of it there.
func TestDeviceTrainsAsTheHost(t *testing.T) {
	fake.Use(t)
	last, _ := fake.Last(t)
	for name, args := range map[string][]string{
		"end to end":     {"-methods", "LISTA,LISTA-CP,LISTA-CPSS,ALISTA,TiLISTA,Step-LISTA", "-steps", "3"},
		"layer by layer": {"-methods", "LISTA-CPSS", "-steps", "2", "-full"},
	} {
		host, device := t.TempDir(), t.TempDir()
		_, err := command(t, t.Context(), host, args...)
		require.NoError(t, err)
		_, err = command(t, t.Context(), device, append(args, "-device", last)...)
		require.NoError(t, err)
		want, got := written(t, host).NMSE, written(t, device).NMSE
		require.Len(t, got, len(want), name)
		for method, curve := range want {
			for layer, v := range curve {
				require.InDelta(t, v, got[method][layer], 1e-3, "%s: %s, layer %d, in dB: float32 in another order",
					name, method, layer)
			}
		}
	}
}
