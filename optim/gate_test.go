//go:build whitebox_cuda && linux && (amd64 || arm64)

package optim_test

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// checked is a chain with all checks, of all kinds of rules.
func checked(p []*nn.Param) (*optim.Optimizer, error) {
	return optim.NewAdam(p, optim.Constant(0.01), optim.Adam{WeightDecay: 0.1}, optim.CheckFinite{},
		optim.ClipNorm{Max: 1}, &optim.Momentum{})
}

// TestAStepOnADeviceWaitsForNothing notes what a step asks of the driver.
func TestAStepOnADeviceWaitsForNothing(t *testing.T) {
	c := fake.Only(t, "it notes the calls")
	checks := map[string]int{"ClipNorm": 2, "ClipValue": 1, "checked": 3}
	rules := maps.Clone(onDevice)
	rules["checked"] = checked
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for name, rule := range rules {
			dev := openDevice(t)
			b := newBench(t, dev, 0.5, large(t, dt)...)
			o, err := rule(b.params)
			require.NoError(t, err)
			for step := range 4 {
				require.NoError(t, b.program.Run())
				_, before := c.Moved()
				c.Note()
				require.NoError(t, o.Step(b.program.Grads()))
				if step < 2 { // it compiles, and captures
					continue
				}
				for _, call := range c.Noted() {
					require.NotContains(t, call, "Synchronize", name)
				}
				_, after := c.Moved()
				require.Equal(t, 8*checks[name], after-before, "%s: a status of each check", name)
			}
			require.NoError(t, b.program.Close())
			require.NoError(t, dev.Close())
		}
	}
}

// TestARefusedStepOnADeviceChangesNothing spoils one gradient in the middle of a run, and
// goes on with the bits of a run without that step.
func TestARefusedStepOnADeviceChangesNothing(t *testing.T) {
	fake.Use(t)
	params := map[string]func() []*nn.Param{
		"float32": func() []*nn.Param { return large(t, tensor.Float32) },
		"float64": func() []*nn.Param { return large(t, tensor.Float64) },
	}
	for name, make := range params {
		for _, sync := range []bool{false, true} {
			t.Run(fmt.Sprint(name, "/by Sync ", sync), func(t *testing.T) {
				dev := openDevice(t)
				whole, spoilt := newBench(t, dev, 0.5, make()...), newBench(t, dev, 0.5, make()...)
				a, err := checked(whole.params)
				require.NoError(t, err)
				b, err := checked(spoilt.params)
				require.NoError(t, err)
				for step := range 5 {
					whole.step(t, a)
					if step != 2 {
						spoilt.step(t, b)
						continue
					}
					require.NoError(t, nn.Sync(spoilt.params))
					good := floats(t, spoilt.params[1].Value)
					require.NoError(t, nn.SetFloats(spoilt.params[1].Value, []float64{1, math.Inf(-1), 2}))
					require.NoError(t, spoilt.program.Run())
					require.NoError(t, b.Step(spoilt.program.Grads()), "it is queued")
					if sync {
						err = b.Sync()
					} else {
						require.NoError(t, nn.Sync(spoilt.params))
						require.Equal(t, math.Inf(-1), floats(t, spoilt.params[1].Value)[1], "as it was")
						require.NoError(t, nn.SetFloats(spoilt.params[1].Value, good))
						require.NoError(t, spoilt.program.Run())
						err = b.Step(spoilt.program.Grads())
					}
					require.ErrorIs(t, err, optim.ErrNotFinite)
					require.ErrorContains(t, err, `step 3: the gradient of "b" is -Inf at element 1 of 3`)
					require.Equal(t, 2, b.StepCount())
					require.NoError(t, nn.Sync(spoilt.params))
					require.NoError(t, nn.SetFloats(spoilt.params[1].Value, good))
					spoilt.step(t, b)
				}
				require.NoError(t, a.Sync())
				require.NoError(t, b.Sync())
				require.NoError(t, whole.program.Close())
				require.NoError(t, spoilt.program.Close())
				require.Equal(t, values(t, whole.params), values(t, spoilt.params))
				for i, s := range a.State() {
					require.Equal(t, s.Value.Data(), b.State()[i].Value.Data(), s.Name)
				}
				require.Equal(t, 5, b.StepCount())
				require.NoError(t, dev.Close())
			})
		}
	}
}

// TestARefusedStepIsReportedAfterTheProgramIsClosed loses no error with the device.
func TestARefusedStepIsReportedAfterTheProgramIsClosed(t *testing.T) {
	fake.Use(t)
	dev := openDevice(t)
	b := newBench(t, dev, 0.5, param(t, "p", tensor.Float32, 1, 1e30))
	o, err := optim.NewAdam(b.params, optim.Constant(0.1), optim.Adam{}, optim.CheckFinite{})
	require.NoError(t, err)
	b.step(t, o)
	require.NoError(t, b.program.Close())
	require.ErrorContains(t, o.Sync(), `step 1: the second moment of "p" would leave float32 at element 1 of 2`)
	require.Equal(t, []float32{1, 1e30}, b.params[0].Value.Float32s())
	require.Zero(t, o.StepCount())
	require.NoError(t, o.Sync(), "once")
	require.NoError(t, dev.Close())
}

// TestADeviceLostInAStep makes each kind of call of a checked step fail.
func TestADeviceLostInAStep(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	for _, call := range []string{"cuGraphLaunch", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuLaunchKernel"} {
		dev := openDevice(t)
		b := newBench(t, dev, 0.5, large(t, tensor.Float32)...)
		o, err := checked(b.params)
		require.NoError(t, err)
		for range 3 {
			b.step(t, o)
		}
		require.NoError(t, b.program.Run())
		c.Note()
		require.NoError(t, o.Step(b.program.Grads()))
		if !strings.Contains(strings.Join(c.Noted(), " "), call) {
			require.Equal(t, "cuLaunchKernel", call, "a step of graphs launches none: %v", c.Noted())
		} else {
			require.NoError(t, b.program.Run())
			c.Fail(call, 1, 2)
			require.ErrorContains(t, o.Step(b.program.Grads()), "CUDA_ERROR_OUT_OF_MEMORY")
			require.Equal(t, 4, o.StepCount())
		}
		require.NoError(t, b.program.Close())
		require.NoError(t, dev.Close())
		c.Forgive()
	}
}

// TestOneNormOfBothDtypes clips parameters of float32 and float64 together, also where
// squares leave float64, and refuses a step for either.
func TestOneNormOfBothDtypes(t *testing.T) {
	fake.Use(t)
	for _, scale := range []float64{1e-30, 1, 1e30, 1e200} {
		dev := openDevice(t)
		step := func(dev *cuda.Device) (w, h []float64, err error) {
			narrow := newBench(t, dev, 0.5, param(t, "narrow", tensor.Float32, 3*min(scale, 1e30), 1))
			wide := newBench(t, dev, 0.5, param(t, "wide", tensor.Float64, -4*scale, 2))
			all := append(narrow.params, wide.params...)
			o, err := optim.New(all, optim.CheckFinite{}, optim.ClipNorm{Max: 2 * scale})
			require.NoError(t, err)
			require.NoError(t, narrow.program.Run())
			require.NoError(t, wide.program.Run())
			require.NoError(t, o.Step(append(narrow.program.Grads(), wide.program.Grads()...)))
			err = o.Sync()
			require.NoError(t, narrow.program.Close())
			require.NoError(t, wide.program.Close())
			return floats(t, all[0].Value), floats(t, all[1].Value), err
		}
		w, h, err := step(dev)
		require.NoError(t, err)
		w0, h0, err := step(nil)
		require.NoError(t, err)
		for i := range w {
			require.InEpsilon(t, w0[i], w[i], 1e-6)
			require.InEpsilon(t, h0[i], h[i], 1e-14)
		}
		require.NoError(t, dev.Close())
	}
}

// TestADeviceNamesTheFirstParameterOfBothDtypes looks in the order of the parameters.
func TestADeviceNamesTheFirstParameterOfBothDtypes(t *testing.T) {
	fake.Use(t)
	dev := openDevice(t)
	narrow := newBench(t, dev, 0.5, param(t, "narrow", tensor.Float32, 1, math.NaN()))
	wide := newBench(t, dev, 0.5, param(t, "wide", tensor.Float64, math.Inf(1), 2))
	o, err := optim.New(append(wide.params, narrow.params...), optim.CheckFinite{})
	require.NoError(t, err)
	require.NoError(t, narrow.program.Run())
	require.NoError(t, wide.program.Run())
	require.NoError(t, o.Step(append(wide.program.Grads(), narrow.program.Grads()...)))
	require.ErrorContains(t, o.Sync(), `the gradient of "wide" is +Inf at element 0 of 2`)
	require.NoError(t, narrow.program.Close())
	require.NoError(t, wide.program.Close())
	require.Equal(t, []float64{math.Inf(1), 2}, wide.params[0].Value.Float64s())
	require.NoError(t, dev.Close())
}
