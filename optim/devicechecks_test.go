//go:build whitebox_cuda && linux && (amd64 || arm64)

package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

func TestADeviceFindsGradientsThatAreNotFinite(t *testing.T) {
	fake.Use(t)
	dev := openDevice(t)
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		b := newBench(t, dev, 0.5, large(t, dt)...)
		check, err := optim.New(b.params, optim.CheckFinite{})
		require.NoError(t, err)
		clip, err := optim.New(b.params, optim.ClipNorm{Max: 1})
		require.NoError(t, err)
		b.step(t, clip)
		require.NoError(t, nn.Sync(b.params))
		require.NoError(t, nn.SetFloats(b.params[1].Value, []float64{1, math.Inf(1), math.NaN()}))
		last, x := b.params[3], floats(t, b.params[3].Value)
		x[8500] = math.NaN()
		require.NoError(t, nn.SetFloats(last.Value, x))
		before := fmt.Sprint(values(t, b.params))
		require.NoError(t, b.program.Run())
		refused := func(o *optim.Optimizer) error {
			require.NoError(t, o.Step(b.program.Grads()), "it is queued")
			require.NoError(t, nn.Sync(b.params), "a step was queued, so that the device's are the newer ones")
			return o.Sync()
		}
		err = refused(check)
		require.ErrorIs(t, err, optim.ErrNotFinite)
		require.ErrorContains(t, err, `the gradient of "b" is +Inf at element 1 of 3`)
		require.ErrorIs(t, refused(clip), optim.ErrNotFinite)
		require.NoError(t, nn.SetFloats(b.params[1].Value, []float64{1, 2, 3}))
		require.NoError(t, b.program.Run())
		require.ErrorContains(t, refused(check), `"large" is NaN at element 8500 of 9001`)
		require.NoError(t, nn.Sync(b.params))
		require.NoError(t, nn.SetFloats(b.params[1].Value, []float64{1, math.Inf(1), math.NaN()}))
		require.Equal(t, before, fmt.Sprint(values(t, b.params)), "nothing was updated")
		require.NoError(t, b.program.Close())
	}
	require.NoError(t, dev.Close())
}

// TestADeviceClipsTheLargestAndTheSmallest has squares that leave float64.
func TestADeviceClipsTheLargestAndTheSmallest(t *testing.T) {
	fake.Use(t)
	dev := openDevice(t)
	for _, scale := range []float64{1e200, 1e-200} {
		p := param(t, "p", tensor.Float64, 3, -4)
		b := newBench(t, dev, scale/2, p)
		o, err := optim.New(b.params, optim.ClipNorm{Max: scale}, optim.LearningRate{Rate: optim.Constant(1 / scale)})
		require.NoError(t, err)
		b.step(t, o)
		require.NoError(t, b.program.Close())
		size := scale / (5*scale + 1e-6)
		near(t, []float64{3 - 3*size, -4 + 4*size}, floats(t, p.Value), 1e-11, scale)
	}
	require.NoError(t, dev.Close())
}

// TestTwoParametersOfOneGradientAreUpdatedOnceEach has them share memory.
func TestTwoParametersOfOneGradientAreUpdatedOnceEach(t *testing.T) {
	fake.Use(t)
	dev := openDevice(t)
	a, b := param(t, "a", tensor.Float64, 1, 2), param(t, "b", tensor.Float64, 3, 4)
	g := nn.NewGraph(nn.Train)
	x, err := g.Bind(a)
	require.NoError(t, err)
	y, err := g.Bind(b)
	require.NoError(t, err)
	sum, err := nn.Add(x, y)
	require.NoError(t, err)
	loss, err := nn.SumSquares(sum)
	require.NoError(t, err)
	program, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{a, b}}, nn.Options{Device: dev})
	require.NoError(t, err)
	o, err := optim.New([]*nn.Param{a, b}, optim.LearningRate{Rate: optim.Constant(0.25)})
	require.NoError(t, err)
	require.NoError(t, program.Run())
	require.NoError(t, o.Step(program.Grads()))
	require.NoError(t, program.Close())
	require.Equal(t, []float64{-1, -1}, a.Value.Float64s())
	require.Equal(t, []float64{1, 1}, b.Value.Float64s())
	require.NoError(t, dev.Close())
}
