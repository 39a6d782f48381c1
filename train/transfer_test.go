//go:build whitebox_cuda && linux && (amd64 || arm64)

package train_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// TestADeviceStepMovesTheBatchInAndTheScalarsOut counts the bytes that cross the bus.
func TestADeviceStepMovesTheBatchInAndTheScalarsOut(t *testing.T) {
	c := fake.Only(t, "it counts bytes")
	dev := open(t)
	j := newJob(t, tensor.Float32, losses.MCR2{Classes: 10}, func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdam(p, optim.Constant(0.003), optim.Adam{})
	}, nn.Options{Device: dev})
	j.loop.Steps = 4
	var in, out [4]int
	j.loop.Hooks = []train.Hook{counter(func() { // as the others that do not look at parameters
		s := j.loop.Step() - 1
		in[s], out[s] = c.Moved()
	}).stop()}
	j.loop.Hooks[0].(*train.Progress).Lines = 4
	require.NoError(t, j.loop.Run(context.Background()))
	batch := 40*64*4 + 64*3 // the samples; the labels, padded
	require.LessOrEqual(t, in[2]-in[1], batch+256)
	require.GreaterOrEqual(t, in[2]-in[1], 40*65*4)
	require.Less(t, out[2]-out[1], 1000, "the loss, its parts, and a status for each op")
	require.Positive(t, out[2]-out[1])
	require.Equal(t, in[2]+64, in[3], "the last step has no next batch, and 8 numbers of Adam")
	require.NoError(t, j.loop.Close())
	require.NoError(t, dev.Close())
}

// TestTheNextBatchTravelsWhileAStepIsAtWork looks at the calls of a step: the copy of
// the next batch is begun before the host waits for the step, in another stream.
func TestTheNextBatchTravelsWhileAStepIsAtWork(t *testing.T) {
	c := fake.Only(t, "it notes calls")
	dev := open(t)
	j := newJob(t, tensor.Float32, losses.MCR2{Classes: 10}, func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewSGD(p, optim.Constant(0.01), optim.SGD{})
	}, nn.Options{Device: dev})
	j.loop.Steps = 5
	var calls []string
	j.loop.Hooks = []train.Hook{counter(func() {
		if j.loop.Step() == 4 {
			calls = c.Noted()
		}
		c.Note()
	}).stop()}
	j.loop.Hooks[0].(*train.Progress).Lines = 5
	require.NoError(t, j.loop.Run(context.Background()))
	calls = slices.DeleteFunc(calls, func(call string) bool { return call == "cuCtxSetCurrent" })
	require.Equal(t, []string{
		"cuStreamWaitEvent", "cuMemcpyDtoDAsync_v2", "cuEventRecord", // the inputs have landed, and are taken
		"cuGraphLaunch", "cuMemcpyDtoHAsync_v2", // the step, its results
		"cuStreamWaitEvent", "cuMemcpyHtoDAsync_v2", "cuEventRecord", // the next inputs
		"cuStreamSynchronize",                                        // that is all that waits
		"cuStreamWaitEvent", "cuMemcpyHtoDAsync_v2", "cuEventRecord", // the numbers of the step travel
		"cuStreamWaitEvent", "cuMemcpyDtoDAsync_v2", "cuEventRecord", // and are taken
		"cuGraphLaunch", // the update of all parameters
	}, calls)
	require.NoError(t, j.loop.Close())
	require.NoError(t, dev.Close())
}

// TestChunksStayOnTheDevice compares steps by chunks with the host's, and counts the
// bytes of one: the samples go to the device twice, features and gradients never leave it.
func TestChunksStayOnTheDevice(t *testing.T) {
	c := fake.Use(t)
	adam := func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdam(p, optim.Constant(0.003), optim.Adam{})
	}
	dev := open(t)
	on, off := newJob(t, tensor.Float64, losses.MCR2{Classes: 10}, adam, nn.Options{Device: dev}),
		newJob(t, tensor.Float64, losses.MCR2{Classes: 10}, adam, nn.Options{})
	on.loop.Chunk, off.loop.Chunk = 10, 10
	on.run(t, 4)
	off.run(t, 4)
	on.loop.Steps, off.loop.Steps = 8, 8
	var in, out [9]int
	if c != nil {
		on.loop.Hooks = []train.Hook{counter(func() { in[on.loop.Step()], out[on.loop.Step()] = c.Moved() }).stop()}
		on.loop.Hooks[0].(*train.Progress).Lines = 8
	}
	require.NoError(t, on.loop.Run(t.Context()))
	require.NoError(t, off.loop.Run(t.Context()))
	if c != nil {
		samples, labels := 2*40*64*8, 40*8
		require.GreaterOrEqual(t, in[7]-in[6], samples+labels)
		require.Less(t, in[7]-in[6], samples+labels+1000)
		require.Less(t, out[7]-out[6], 2000, "the loss, its parts, and a status for each op of nine runs")
	}
	require.NoError(t, on.loop.Close())
	require.NoError(t, off.loop.Close())
	require.NoError(t, dev.Close())
	for i := range off.losses {
		require.InEpsilon(t, off.losses[i], on.losses[i], 1e-10, "loss of step %d", i+1)
	}
	for i, p := range off.loop.Model.Params() {
		require.InDeltaSlice(t, p.Value.Float64s(), on.loop.Model.Params()[i].Value.Float64s(), 1e-9)
	}
}

// A counter is a hook that counts.
type counter func()

// stop returns it as a hook that the loop knows not to look at parameters.
func (f counter) stop() train.Hook {
	return &train.Progress{Out: writer(func([]byte) { f() }), Name: "steps", Lines: 3}
}

type writer func(b []byte)

func (f writer) Write(b []byte) (int, error) { f(b); return len(b), nil }

// averaging is a hook that averages parameters.
type averaging struct{ *optim.EMA }

func (a averaging) Step(*train.Event) error { return a.Update() }
func (a averaging) Remote() bool            { return true }

// TestARemoteHookLeavesParametersOnTheDevice averages them there, and compares the
// averages with the host's.
func TestARemoteHookLeavesParametersOnTheDevice(t *testing.T) {
	c := fake.Use(t)
	dev := open(t)
	var averages [2][]optim.State
	for i, o := range []nn.Options{{Device: dev}, {}} {
		j := newJob(t, tensor.Float64, losses.MCR2{Classes: 10}, adam, o)
		ema, err := optim.NewEMA(j.loop.Model.Params(), optim.EMAConfig{Decay: 0.9})
		require.NoError(t, err)
		var out []int
		count := counter(func() {
			if c != nil {
				_, n := c.Moved()
				out = append(out, n)
			}
		}).stop()
		count.(*train.Progress).Lines = 6
		j.loop.Hooks, j.loop.Steps = []train.Hook{averaging{ema}, count, train.DivergenceStop{Limit: 1e9}}, 6
		require.NoError(t, j.loop.Run(t.Context()))
		averages[i], err = ema.State()
		require.NoError(t, err)
		require.NoError(t, j.loop.Close())
		if c != nil && i == 0 {
			require.Less(t, out[4]-out[3], 1000, "the parameters stay, 15 kB")
		}
	}
	require.NoError(t, dev.Close())
	for i, s := range averages[1][1:] {
		require.InDeltaSlice(t, s.Value.Float64s(), averages[0][1+i].Value.Float64s(), 1e-10, s.Name)
	}
}
