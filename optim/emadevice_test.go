//go:build whitebox_cuda && linux && (amd64 || arm64)

package optim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestAnEMAStaysOnTheDevice compares its averages with those of the host, swaps
// them in and out, and counts what crosses the bus.
func TestAnEMAStaysOnTheDevice(t *testing.T) {
	for _, d := range dtypes {
		for _, cfg := range []optim.EMAConfig{{Decay: 0.9}, {Decay: 0.9, Unbiased: true}, {Warmup: true}} {
			c := fake.Use(t)
			dev := openDevice(t)
			on, off := newBench(t, dev, 0.5, large(t, d.dt)...), newBench(t, nil, 0.5, large(t, d.dt)...)
			var emas []*optim.EMA
			var losses [2]float64
			for i, b := range []*bench{on, off} {
				o, err := onDevice["momentum"](b.params)
				require.NoError(t, err)
				e, err := optim.NewEMA(b.params, cfg)
				require.NoError(t, err)
				emas = append(emas, e)
				for s := range 5 {
					b.step(t, o)
					var in, out int
					if c != nil {
						in, out = c.Moved()
					}
					require.NoError(t, e.Update())
					if c != nil && i == 0 && s > 0 {
						gotIn, gotOut := c.Moved()
						weight := 64 // a line of memory with the weight, if it is another one
						require.Contains(t, []int{in, in + weight}, gotIn, "nothing but the weight crosses the bus")
						require.Equal(t, out, gotOut, "nothing comes back")
					}
				}
				require.NoError(t, e.Evaluate(func() error {
					err := b.program.Run()
					losses[i] = b.program.Loss()
					return err
				}))
				if i == 0 {
					require.Zero(t, fake.Allocs(4, func() {
						require.NoError(t, e.SwapIn())
						require.NoError(t, e.SwapOut())
					}))
				}
			}
			require.InEpsilon(t, losses[1], losses[0], 10*d.tol, "of the averages")
			require.NoError(t, nn.Sync(on.params))
			near(t, values(t, off.params), values(t, on.params), d.tol, "swapped out")
			want, err := emas[1].State()
			require.NoError(t, err)
			got, err := emas[0].State()
			require.NoError(t, err)
			for i := range want[1:] {
				near(t, floats(t, want[1+i].Value), floats(t, got[1+i].Value), d.tol, want[1+i].Name)
			}

			// A state of the host's goes to the device, and comes home when the program is closed.
			require.NoError(t, emas[0].Restore(want))
			require.NoError(t, emas[0].SwapIn())
			require.NoError(t, on.program.Close())
			require.NoError(t, dev.Close())
			require.NoError(t, emas[1].SwapIn())
			require.Equal(t, values(t, off.params), values(t, on.params))
			require.NoError(t, emas[0].SwapOut())
			require.NoError(t, emas[0].Update(), "on the host")
			require.NoError(t, off.program.Close())
		}
	}
}
