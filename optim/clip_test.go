package optim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestClipNorm checks on random updates that the norm never exceeds Max, that
// the direction stays, and that what is short enough stays as it is.
func TestClipNorm(t *testing.T) {
	for _, d := range dtypes {
		rapid.Check(t, func(r *rapid.T) {
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
			hi := math.Exp(rapid.Float64Range(-5, 5).Draw(r, "log max"))
			p := []*nn.Param{param(t, "a", d.dt, normal(rng, 5)...), param(t, "b", d.dt, normal(rng, 3)...)}
			u := gradsOf(t, p, rng.IntN(100))
			norm := optim.Norm(u)
			before := append(floats(t, u[0]), floats(t, u[1])...)
			require.NoError(t, optim.ClipNorm{Max: hi}.Update(1, u, p))
			require.LessOrEqual(t, optim.Norm(u), hi)
			after := append(floats(t, u[0]), floats(t, u[1])...)
			factor := min(1, hi/(norm+1e-6))
			for i, x := range before {
				require.InDelta(t, x*factor, after[i], 1e-6*math.Abs(x))
			}
			if factor == 1 {
				require.Equal(t, before, after)
			}
		})
	}
}

// TestClipNormShortensByItsFormulaAndNoMore takes the mean over many elements, in which
// rounding leaves twelve digits, or nine of float32: 1e-6 beside the norm, and the margin
// that keeps rounding below Max, show in them.
func TestClipNormShortensByItsFormulaAndNoMore(t *testing.T) {
	const n = 1 << 12
	for _, c := range []struct {
		dts    []tensor.Dtype
		margin float64
		tol    float64
	}{
		{[]tensor.Dtype{tensor.Float64}, 1e-12, 1e-13},
		{[]tensor.Dtype{tensor.Float32}, 0x1p-23, 3e-9},
		{[]tensor.Dtype{tensor.Float64, tensor.Float32}, 0x1p-23, 3e-9},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		var u []*tensor.Dense
		var before, after []float64
		for _, dt := range c.dts {
			u = append(u, vector(t, dt, normal(rng, n)...))
			before = append(before, floats(t, u[len(u)-1])...)
		}
		const most = 0.75
		want := most / (optim.Norm(u) + 1e-6) * (1 - c.margin)
		require.NoError(t, optim.ClipNorm{Max: most}.Update(1, u, nil))
		for _, v := range u {
			after = append(after, floats(t, v)...)
		}
		sum := 0.0
		for i, x := range before {
			sum += after[i] / x
		}
		require.InEpsilon(t, want, sum/float64(len(before)), c.tol, "%v", c.dts)
	}
}

// TestClipNormLeavesTheLongestThatMayBe: its norm and 1e-6 are Max.
func TestClipNormLeavesTheLongestThatMayBe(t *testing.T) {
	for _, d := range dtypes {
		u := []*tensor.Dense{vector(t, d.dt, 3, 4)}
		norm := 5.0
		require.NoError(t, optim.ClipNorm{Max: norm + 1e-6}.Update(1, u, nil))
		require.Equal(t, []float64{3, 4}, floats(t, u[0]))
		require.NoError(t, optim.ClipNorm{Max: norm}.Update(1, u, nil))
		require.NotEqual(t, []float64{3, 4}, floats(t, u[0]))
	}
}

// TestNorm checks the norm where squares overflow or underflow.
func TestNorm(t *testing.T) {
	// 1.1e-161 and 2.13e-156 have squares that are denormal, and so lose digits.
	for _, scale := range []float64{1, 1e-300, 1e300, 5e-324, 1.1e-161, 2.13e-156, 1e-150, 1e-140, 1.3e153, 1e154} {
		got := optim.Norm([]*tensor.Dense{vector(t, tensor.Float64, 3*scale), vector(t, tensor.Float64, 4*scale)})
		assert.InEpsilon(t, 5*scale, got, 1e-15, scale)
	}
	assert.Zero(t, optim.Norm([]*tensor.Dense{vector(t, tensor.Float32, 0, 0)}))
	assert.True(t, math.IsNaN(optim.Norm([]*tensor.Dense{vector(t, tensor.Float32, math.NaN(), math.Inf(1))})))
	assert.True(t, math.IsInf(optim.Norm([]*tensor.Dense{vector(t, tensor.Float64, 1, math.Inf(-1))}), 1))
}

// TestClipNormRefuses shows that a norm that is not finite changes no weight.
func TestClipNormRefuses(t *testing.T) {
	p := []*nn.Param{param(t, "w", tensor.Float32, 1, 2)}
	o, err := optim.New(p, optim.ClipNorm{Max: 1})
	require.NoError(t, err)
	require.ErrorIs(t, o.Step([]*tensor.Dense{vector(t, tensor.Float32, math.NaN(), 1)}), optim.ErrNotFinite)
	assert.Equal(t, []float64{1, 2}, floats(t, p[0].Value))
}

func TestClipValue(t *testing.T) {
	for _, d := range dtypes {
		u := []*tensor.Dense{vector(t, d.dt, -3, -0.5, 0, 0.25, 7)}
		require.NoError(t, optim.ClipValue{Max: 0.5}.Update(1, u, nil))
		assert.Equal(t, []float64{-0.5, -0.5, 0, 0.25, 0.5}, floats(t, u[0]))
	}
}
