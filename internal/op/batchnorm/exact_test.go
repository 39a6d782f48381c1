package batchnorm_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/batchnorm"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// far returns x with another offset and scale for each of 6 channels, as float32 holds it:
// noise of 1 about 1e4 and 1e6, constants, an outlier in the first place, and large values.
func far(shape ...int) optest.Array {
	x := optest.Normal(1, 1, shape...)
	for c, f := range []func(i int, v float64) float64{
		func(_ int, v float64) float64 { return 1e4 + v },
		func(_ int, v float64) float64 { return -1e6 + v },
		func(int, float64) float64 { return 1e4 + 0.3 },
		func(int, float64) float64 { return -1e6 - 0.7 },
		func(i int, v float64) float64 {
			if i == 0 {
				return 3e7
			}
			return v
		},
		func(_ int, v float64) float64 { return 1e15 * (1 + 1e-3*v) },
	} {
		for i, at := range channel(shape, c) {
			x.Data[at] = float64(float32(f(i, x.Data[at])))
		}
	}
	return x
}

// TestBatchNormIsExactFarFromZero compares float32 with float64 on the same numbers:
// values, and gradients by x, γ and β, with and without what follows.
func TestBatchNormIsExactFarFromZero(t *testing.T) {
	for _, shape := range [][]int{{40, 6}, {5, 6, 7, 7}} {
		x, gamma := far(shape...), optest.Of([]float64{1, 2, 0.5, -1, 1, 3}, 6)
		beta := optest.Of([]float64{0, 1, 0, -2, 0.5, 0}, 6)
		same := optest.Normal(9, 1, shape...).Map(func(v float64) float64 { return float64(float32(v)) })
		var mean, variance []float64
		for c := range 6 {
			var v []float64
			for _, at := range channel(shape, c) {
				v = append(v, x.Data[at])
			}
			m, s2 := stat.PopMeanVariance(v, nil)
			mean, variance = append(mean, m), append(variance, float64(float32(s2)))
		}
		fixed := []optest.Array{optest.Of(mean, 6), optest.Of(variance, 6)}
		for i := range fixed {
			fixed[i] = fixed[i].Map(func(v float64) float64 { return float64(float32(v)) })
			fixed[i].Const = true
		}
		for _, k := range []batchnorm.Norm{{}, {ReLU: true}, {Add: true}, {Add: true, ReLU: true}} {
			for _, running := range []bool{false, true} {
				in := []optest.Array{x, gamma, beta}
				if running {
					in = append(in, fixed...)
				}
				if k.Add {
					in = append(in, same)
				}
				c := optest.Case{Name: fmt.Sprintf("%v %+v running %v", shape, k, running), Build: then(k, running),
					In: in}
				var want []float64
				var wantGrads [][]float64
				optest.Places(t, c, tensor.Float64, func(t *testing.T, run optest.Runner) {
					out, grads, err := run(in...)
					require.NoError(t, err)
					if want == nil {
						want, wantGrads = out, grads
					}
					near(t, "value", shape, want, out, 1e-9)
				})
				optest.Places(t, c, tensor.Float32, func(t *testing.T, run optest.Runner) {
					out, grads, err := run(in...)
					require.NoError(t, err)
					near(t, "value", shape, want, out, 2e-6)
					for i, g := range grads {
						near(t, fmt.Sprint("gradient ", i), shape, wantGrads[i], g, 2e-5)
					}
				})
			}
		}
	}
}

// near compares channel by channel, relative to the largest number of each, or 1.
func near(t *testing.T, what string, shape []int, want, got []float64, tol float64) {
	t.Helper()
	for c := range shape[1] {
		at := []int{c}
		if len(want) > shape[1] {
			at = channel(shape, c)
		}
		most := 1.0
		for _, j := range at {
			most = math.Max(most, math.Abs(want[j]))
		}
		for _, j := range at {
			require.InDelta(t, 0, (got[j]-want[j])/most, tol, "%s, channel %d: %v, want %v", what, c, got[j], want[j])
		}
	}
}

// A channel that is constant becomes β, exactly, in training and in evaluation, and its
// running variance goes to 0.
func TestAConstantChannelIsBeta(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, v := range []float64{0, 1e4, 1e6, -14.62, 1e-30, 3e37} {
			x := optest.Zeros(9, 1, 3, 5).Map(func(float64) float64 { return v })
			one, beta := optest.Of([]float64{1}, 1), optest.Of([]float64{0.25}, 1)
			mean, zero := optest.Of([]float64{v}, 1), optest.Zeros(1)
			mean.Const, zero.Const = true, true
			for name, c := range map[string]optest.Case{
				"training":   {Build: train, In: []optest.Array{x, one, beta}},
				"evaluation": {Build: eval, In: []optest.Array{x, one, beta, mean, zero}},
			} {
				c.Name = fmt.Sprint(name, " ", v)
				optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
					out, _, err := run(c.In...)
					require.NoError(t, err)
					for _, y := range out {
						require.Equal(t, 0.25, y)
					}
				})
			}
			was := optest.Of([]float64{4}, 1)
			was.Const, x.Const = true, true
			c := optest.Case{Name: fmt.Sprint("running variance ", v), In: []optest.Array{x, was}, Build: running(true)}
			optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
				out, _, err := run(c.In...)
				require.NoError(t, err)
				require.InDelta(t, 3, out[0], 1e-15)
			})
		}
	}
}

// running builds a running statistic of the second input after a batch of the first.
func running(variance bool) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		k := batchnorm.Stats{Eps: eps}
		s, err := op.Apply(k, in[0])
		if err != nil {
			return nil, err
		}
		return op.Apply(batchnorm.Running{Of: k, Variance: variance, Momentum: 0.25,
			Count: in[0].Shape().TotalSize() / in[0].Shape()[1]}, in[1], s)
	}
}

// Squares beyond float64 do not matter to y; a running variance beyond the dtype does.
func TestBatchNormOfLargeNumbers(t *testing.T) {
	for dt, scale := range map[tensor.Dtype]float64{tensor.Float32: 1e30, tensor.Float64: 1e300} {
		base := optest.Normal(3, 1, 50, 2)
		x := base.Map(func(v float64) float64 { return v * scale })
		c := optest.Case{Name: "large", Build: train, In: []optest.Array{x, optest.Of([]float64{1, 1}, 2),
			optest.Zeros(2)}}
		want := trainRef(base.Map(func(v float64) float64 { return 1e10 * v }), optest.Of([]float64{1, 1}, 2),
			optest.Zeros(2))
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			out, grads, err := run(c.In...)
			require.NoError(t, err)
			_, unit, err := run(base.Map(func(v float64) float64 { return v * 1e10 }), c.In[1], c.In[2])
			require.NoError(t, err)
			for i, g := range unit[0] { // ∂L/∂x goes as 1/x
				require.InDelta(t, g*1e10, grads[0][i]*scale, map[tensor.Dtype]float64{tensor.Float32: 2e-5,
					tensor.Float64: 1e-9}[dt])
			}
			require.InDeltaSlice(t, want, out, map[tensor.Dtype]float64{tensor.Float32: 2e-6,
				tensor.Float64: 1e-12}[dt])
		})
		was := optest.Zeros(2)
		was.Const, x.Const = true, true
		c = optest.Case{Name: "running", Build: running(true), In: []optest.Array{x, was}}
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			_, _, err := run(c.In...)
			require.ErrorIs(t, err, op.ErrNotFinite)
			require.ErrorContains(t, err, "running variance of channel 0 is beyond the range")
		})
	}
}
