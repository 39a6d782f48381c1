package optim_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestEMA compares with the weighted sums that the docstring gives.
func TestEMA(t *testing.T) {
	const n, d = 6, 0.7
	x := normal(rand.New(rand.NewPCG(5, 5)), n+1) // x[0] is the start
	for _, dt := range dtypes {
		for _, cfg := range []optim.EMAConfig{{Decay: d}, {Decay: d, Unbiased: true}, {Decay: d, Warmup: true}} {
			p := []*nn.Param{param(t, "w", dt.dt, x[0])}
			e, err := optim.NewEMA(p, cfg)
			require.NoError(t, err)
			for k := 1; k <= n; k++ {
				require.NoError(t, nn.SetFloats(p[0].Value, x[k:k+1]))
				require.NoError(t, e.Update())
			}
			want, total := 0.0, 0.0
			for k := 0; k <= n; k++ { // the weight of x[k]
				w := 1.0
				for j := k + 1; j <= n; j++ {
					w *= decay(cfg, j)
				}
				if k > 0 {
					w *= 1 - decay(cfg, k)
				} else if cfg.Unbiased {
					w = 0
				}
				want, total = want+w*x[k], total+w
			}
			require.NoError(t, e.Evaluate(func() error {
				near(t, []float64{want / total}, values(t, p), dt.tol, cfg)
				return nil
			}))
			near(t, x[n:], values(t, p), dt.tol)
			assert.Equal(t, n, e.StepCount())
		}
	}
}

func decay(cfg optim.EMAConfig, t int) float64 {
	if cfg.Warmup {
		return math.Min(cfg.Decay, float64(1+t)/float64(10+t))
	}
	return cfg.Decay
}

// TestEMASwap shows that swapping twice gives the bits back, also after an
// error, and that misuse is reported.
func TestEMASwap(t *testing.T) {
	p := model(t, tensor.Float32)
	e, err := optim.NewEMA(p, optim.EMAConfig{})
	require.NoError(t, err)
	for _, q := range p {
		require.NoError(t, nn.SetFloats(q.Value, make([]float64, q.Value.Size())))
	}
	cause := errors.New("cause")
	require.ErrorIs(t, e.Evaluate(func() error {
		assert.NotZero(t, values(t, p)[0])
		require.ErrorContains(t, e.Update(), "swapped in")
		require.ErrorContains(t, e.SwapIn(), "swapped in already")
		_, err := e.State()
		require.ErrorContains(t, err, "SwapOut first")
		require.ErrorContains(t, e.Restore(nil), "SwapOut first")
		return cause
	}), cause)
	assert.Equal(t, make([]float64, 16), values(t, p))
	require.ErrorContains(t, e.SwapOut(), "not swapped in")
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = e.Update() }))
}

// TestEMARestore continues in another average, bit for bit.
func TestEMARestore(t *testing.T) {
	cfg := optim.EMAConfig{Decay: 0.5, Unbiased: true}
	p := []*nn.Param{param(t, "w", tensor.Float64, 1)}
	q := []*nn.Param{param(t, "w", tensor.Float64, 1)}
	a, err := optim.NewEMA(p, cfg)
	require.NoError(t, err)
	b, err := optim.NewEMA(q, cfg)
	require.NoError(t, err)
	require.NoError(t, a.Update())
	state, err := a.State()
	require.NoError(t, err)
	require.NoError(t, b.Restore(state))
	for _, e := range []*optim.EMA{a, b} {
		require.NoError(t, nn.SetFloats(e.Params()[0].Value, []float64{3}))
		require.NoError(t, e.Update())
		require.NoError(t, e.SwapIn())
	}
	assert.Equal(t, floats(t, p[0].Value), floats(t, q[0].Value))
	require.NoError(t, b.SwapOut())
	require.ErrorIs(t, b.Restore(state[:1]), optim.ErrState)
}

func TestEMARefuses(t *testing.T) {
	p := model(t, tensor.Float64)
	for want, cfg := range map[string]optim.EMAConfig{
		"Decay is 1":               {Decay: 1},
		"both Unbiased and Warmup": {Unbiased: true, Warmup: true},
	} {
		_, err := optim.NewEMA(p, cfg)
		require.ErrorContains(t, err, want)
	}
}
