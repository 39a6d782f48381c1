//go:build whitebox_cuda && linux && (amd64 || arm64)

package train_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestALoopTakesBackAStepThatADeviceRefuses has a weight whose penalty overflows Adam's
// second moment, and goes on without it to the bits of a run that never had it.
func TestALoopTakesBackAStepThatADeviceRefuses(t *testing.T) {
	fake.Use(t)
	dev := open(t)
	adam := func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdam(p, optim.Constant(0.003), optim.Adam{WeightDecay: 1}, optim.CheckFinite{})
	}
	var all [2][]float64
	for i, spoils := range []bool{false, true} {
		j := newJob(t, tensor.Float32, losses.MCR2{Classes: 10}, adam, nn.Options{Device: dev})
		p := j.loop.Model.Params()[0]
		j.loop.Steps = 5
		j.run(t, 2)
		if spoils {
			j.loop.Steps = 5
			require.NoError(t, nn.Sync(j.loop.Model.Params()))
			good := p.Value.Float32s()[0]
			p.Value.Float32s()[0] = 1e22
			err := j.loop.Run(context.Background())
			require.ErrorIs(t, err, optim.ErrNotFinite)
			require.ErrorContains(t, err, "step 3: the second moment")
			require.Equal(t, 2, j.loop.Step())
			require.NoError(t, nn.Sync(j.loop.Model.Params()))
			require.Equal(t, float32(1e22), p.Value.Float32s()[0])
			p.Value.Float32s()[0] = good
		}
		j.run(t, 3)
		require.NoError(t, j.loop.Close())
		for _, p := range j.loop.Model.Params() {
			v, err := nn.Floats(nil, p.Value)
			require.NoError(t, err)
			all[i] = append(all[i], v...)
		}
	}
	require.Equal(t, all[0], all[1])
	require.NoError(t, dev.Close())
}
