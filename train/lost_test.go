//go:build whitebox_cuda && linux && (amd64 || arm64)

package train_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

func adam(p []*nn.Param) (*optim.Optimizer, error) {
	return optim.NewAdam(p, optim.Constant(0.003), optim.Adam{})
}

// TestALostDeviceLeavesTheLastCheckpoint breaks each call of a step in turn, resumes on
// the device when it is there again, and gets the bits of a run that nothing broke.
func TestALostDeviceLeavesTheLastCheckpoint(t *testing.T) {
	c := fake.Only(t, "it makes calls fail")
	whole := newJob(t, tensor.Float32, losses.MCR2{Classes: 10}, adam, nn.Options{Device: open(t)})
	whole.run(t, 8)
	dev := whole.loop.Options.Device
	require.NoError(t, whole.loop.Close())
	require.NoError(t, dev.Close())
	for _, call := range []string{"cuMemcpyDtoDAsync_v2", "cuGraphLaunch", "cuMemcpyDtoHAsync_v2",
		"cuMemcpyHtoDAsync_v2",
		"cuStreamSynchronize"} /* cuLaunchKernel is not called by now: the update is a CUDA graph too */ {
		dir, dev := t.TempDir(), open(t)
		last := filepath.Join(dir, "last.safetensors")
		j := newJob(t, tensor.Float32, losses.MCR2{Classes: 10}, adam, nn.Options{Device: dev})
		var saved []byte
		j.loop.Steps = 8
		j.loop.Hooks = []train.Hook{&train.Checkpoint{Dir: dir, Every: 4}, counter(func() {
			if j.loop.Step() == 6 {
				c.Fail(call, 1, 719)
			}
		}).stop(), atStep(5, func() (err error) { saved, err = os.ReadFile(last); return err })}
		j.loop.Hooks[1].(*train.Progress).Lines = 8
		before := j.loop.Source.Position()
		err := j.loop.Run(t.Context())
		require.ErrorIs(t, err, cuda.ErrDeviceLost, call)
		require.ErrorContains(t, err, "train: after step 6: ", call)
		require.ErrorContains(t, err, "start again from the last checkpoint")
		require.NotEqual(t, before, j.loop.Source.Position())
		now, err := os.ReadFile(last)
		require.NoError(t, err)
		require.Equal(t, saved, now, call)
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, 1, "no half of a file")
		require.ErrorIs(t, j.loop.Close(), cuda.ErrDeviceLost)
		require.Zero(t, dev.Driver.Live(), call)
		require.ErrorIs(t, dev.Close(), cuda.ErrDeviceLost, call)

		again := newJob(t, tensor.Float32, losses.MCR2{Classes: 10}, adam, nn.Options{Device: open(t)})
		require.NoError(t, again.loop.Resume(last))
		require.Equal(t, 4, again.loop.Step())
		again.run(t, 4)
		dev = again.loop.Options.Device
		require.NoError(t, again.loop.Close())
		require.NoError(t, dev.Close())
		for i, p := range whole.loop.Model.Params() {
			require.Equal(t, p.Value.Float32s(), again.loop.Model.Params()[i].Value.Float32s(), "%s, %s", call, p.Name)
		}
	}
}

// atStep is a hook that does something after a step.
func atStep(step int, f func() error) train.Hook {
	return train.HookFunc(func(e *train.Event) error {
		if e.Step == step {
			return f()
		}
		return nil
	})
}
