package layernorm_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op/optest"
)

// TestLayerNormIsExactFarFromZero compares float32 with float64 on the same numbers, values
// and gradients: rows about 1e4, −1e6 and 1e15, a constant one and one with an outlier.
func TestLayerNormIsExactFarFromZero(t *testing.T) {
	const d = 32
	x := optest.Normal(1, 1, 5, d)
	for j := range d {
		for i, f := range []func(v float64) float64{
			func(v float64) float64 { return 1e4 + v }, func(v float64) float64 { return v - 1e6 },
			func(float64) float64 { return 1e4 + 0.3 },
			func(v float64) float64 { return 1e15 * (1 + 1e-3*v) },
			func(v float64) float64 {
				if j == 0 {
					return 3e7
				}
				return v
			},
		} {
			x.Data[i*d+j] = float64(float32(f(x.Data[i*d+j])))
		}
	}
	round := func(v float64) float64 { return float64(float32(v)) }
	c := optest.Case{Name: "far", Build: build(1e-5), In: []optest.Array{x, optest.Normal(2, 1, d).Map(round),
		optest.Normal(3, 1, d).Map(round)}}
	var want []float64
	var wantGrads [][]float64
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			out, grads, err := run(c.In...)
			require.NoError(t, err)
			if want == nil {
				want, wantGrads = out, grads
			}
			tol := map[tensor.Dtype]float64{tensor.Float64: 1e-9, tensor.Float32: 3e-6}[dt]
			for i := range 5 {
				alike(t, fmt.Sprint("row ", i), want[i*d:(i+1)*d], out[i*d:(i+1)*d], tol)
				alike(t, fmt.Sprint("gradient of row ", i), wantGrads[0][i*d:(i+1)*d], grads[0][i*d:(i+1)*d], 10*tol)
			}
			alike(t, "gradient of γ", wantGrads[1], grads[1], 10*tol)
			alike(t, "gradient of β", wantGrads[2], grads[2], 10*tol)
		})
	}
}

// alike compares relative to the largest number, or 1e-6.
func alike(t *testing.T, what string, want, got []float64, tol float64) {
	t.Helper()
	most := 1e-6
	for _, v := range want {
		most = math.Max(most, math.Abs(v))
	}
	for j, v := range want {
		require.InDelta(t, 0, (got[j]-v)/most, tol, "%s, element %d: %v, want %v", what, j, got[j], v)
	}
}

// TestLayerNormOfLargeNumbers has squares beyond float64, and beyond float32: values are
// those of the numbers scaled down, and gradients those scaled up.
func TestLayerNormOfLargeNumbers(t *testing.T) {
	const d = 16
	base := optest.Normal(3, 1, 3, d)
	in := []optest.Array{base, optest.Normal(4, 1, d), optest.Normal(5, 1, d)}
	c := optest.Case{Name: "large", Build: build(1e-5), In: in}
	for dt, exps := range map[tensor.Dtype][]int{tensor.Float32: {0, 40, 100, 120}, tensor.Float64: {0, 100, 500, 600,
		1000}} {
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			want, wantGrads, err := run(append([]optest.Array{base.Map(func(v float64) float64 {
				return math.Ldexp(v, 40)
			})}, in[1:]...)...)
			require.NoError(t, err)
			tol := map[tensor.Dtype]float64{tensor.Float64: 1e-9, tensor.Float32: 3e-6}[dt]
			for _, e := range exps[1:] {
				out, grads, err := run(append([]optest.Array{base.Map(func(v float64) float64 {
					return math.Ldexp(v, e)
				})}, in[1:]...)...)
				require.NoError(t, err)
				alike(t, fmt.Sprint("2^", e), want, out, tol)
				g := append([]float64(nil), grads[0]...)
				for j := range g {
					g[j] = math.Ldexp(g[j], e)
				}
				w := append([]float64(nil), wantGrads[0]...)
				for j := range w {
					w[j] = math.Ldexp(w[j], 40)
				}
				if dt == tensor.Float64 || e < 110 { // beyond, the gradient is subnormal in float32
					alike(t, fmt.Sprint("gradient, 2^", e), w, g, 10*tol)
				}
			}
		})
	}
}
