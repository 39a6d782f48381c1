//go:build whitebox_cuda && linux && (amd64 || arm64)

package train_test

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// A job is the project's main one, small: a perceptron on the digits.
type job struct {
	loop   *train.Loop
	losses []float64
}

func newJob(
	t *testing.T, dt tensor.Dtype, loss losses.Loss, opt func([]*nn.Param) (*optim.Optimizer, error), o nn.Options,
) *job {
	t.Helper()
	set, _, err := data.Digits()
	require.NoError(t, err)
	batches, err := data.NewBatches(set, data.BatchConfig{Size: 40, Shuffle: true})
	require.NoError(t, err)
	model, err := models.NewMLP(models.MLPConfig{Dims: []int{64, 24, 12}, Normalize: true, Dtype: dt})
	require.NoError(t, err)
	adam, err := opt(model.Params())
	require.NoError(t, err)
	j := &job{}
	j.loop = &train.Loop{Model: layers.Layer(model), Loss: loss, Optimizer: adam, Source: batches, Steps: 50,
		Options: o,
		Hooks:   []train.Hook{&train.DivergenceStop{Limit: math.Inf(1)}}}
	return j
}

func (j *job) run(t *testing.T, steps int) {
	t.Helper()
	for range steps {
		j.loop.Steps = j.loop.Step() + 1
		require.NoError(t, j.loop.Run(context.Background()))
		j.losses = append(j.losses, j.loop.Program().Loss())
	}
}

func open(t *testing.T) *cuda.Device {
	t.Helper()
	d, err := cuda.Open(0)
	require.NoError(t, err)
	return d
}

// TestADeviceTrainsAsTheHost takes 50 steps of the main job on both, under both
// objectives, with the optimizers of the library.
func TestADeviceTrainsAsTheHost(t *testing.T) {
	adam := func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdam(p, optim.CosineAnnealing(0.003, 50, 0), optim.Adam{WeightDecay: 1e-4}, optim.CheckFinite{},
			optim.ClipNorm{Max: 0.5})
	}
	sgd := func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewSGD(p, optim.Constant(0.01), optim.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4})
	}
	chain := func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.New(p, optim.ClipValue{Max: 0.1}, &optim.ScaleByAdam{}, optim.WeightDecay{Rate: 0.05},
			optim.LearningRate{Rate: optim.Constant(0.002)})
	}
	for _, c := range []struct {
		name string
		loss losses.Loss
		opt  func([]*nn.Param) (*optim.Optimizer, error)
	}{{"MCR²", losses.MCR2{Classes: 10}, adam}, {"cross-entropy", losses.CrossEntropy{}, sgd},
		{"chain", losses.MCR2{Classes: 10}, chain}} {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			t.Run(c.name+"/"+dt.String(), func(t *testing.T) {
				if c := fake.Use(t); c != nil {
					c.Hasty(dt == tensor.Float32) // copies as early as they may be, or as late
				}
				tol := 1e-10
				if dt == tensor.Float32 {
					tol = 1e-4
				}
				dev := open(t)
				on, off := newJob(t, dt, c.loss, c.opt, nn.Options{Device: dev}),
					newJob(t, dt, c.loss, c.opt, nn.Options{})
				on.run(t, 50)
				off.run(t, 50)
				require.NotEqual(t, off.losses[0], off.losses[49])
				for i := range off.losses {
					require.InEpsilon(t, off.losses[i], on.losses[i], tol, "loss of step %d", i+1)
				}
				require.NoError(t, on.loop.Close())
				require.NoError(t, off.loop.Close())
				require.NoError(t, dev.Close())
				for i, p := range off.loop.Model.Params() {
					want, err := nn.Floats(nil, p.Value)
					require.NoError(t, err)
					got, err := nn.Floats(nil, on.loop.Model.Params()[i].Value)
					require.NoError(t, err)
					for k := range want {
						require.InDelta(t, want[k], got[k], 10*tol, "%s, element %d", p.Name, k)
					}
				}
			})
		}
	}
}

// TestADeviceResumes stops after 5 steps, resumes on a new device from the
// checkpoint, and gets the bits of 10 steps in one go.
func TestADeviceResumes(t *testing.T) {
	fake.Use(t)
	adam := func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdam(p, optim.Constant(0.003), optim.Adam{})
	}
	file := filepath.Join(t.TempDir(), "x.safetensors")
	var values [2][]float64
	for i, whole := range []bool{true, false} {
		dev := open(t)
		j := newJob(t, tensor.Float32, losses.MCR2{Classes: 10}, adam, nn.Options{Device: dev})
		if whole {
			j.run(t, 5)
			require.NoError(t, j.loop.Save(file))
			j.run(t, 5)
		} else {
			require.NoError(t, j.loop.Resume(file))
			j.run(t, 5)
		}
		require.NoError(t, j.loop.Close())
		require.NoError(t, dev.Close())
		for _, p := range j.loop.Model.Params() {
			v, err := nn.Floats(nil, p.Value)
			require.NoError(t, err)
			values[i] = append(values[i], v...)
		}
	}
	require.Equal(t, values[0], values[1])
}

// watched is a layer that probes its parameters, of one element and of several.
type watched struct{ layers.Layer }

func (l watched) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := l.Layer.Forward(g, x)
	for _, p := range l.Params() {
		if err == nil {
			n, _ := g.Bind(p)
			err = g.Probe("probe of "+p.Name, n)
		}
	}
	return y, err
}

// TestADeviceLeavesProbedParametersAlone: a probe of a parameter is the parameter,
// of which the device has no copy before the first run, and the newer one after it.
func TestADeviceLeavesProbedParametersAlone(t *testing.T) {
	fake.Use(t)
	d := open(t)
	defer func() { require.NoError(t, d.Close()) }()
	model, err := models.NewMLP(models.MLPConfig{Dims: []int{64, 3, 1}})
	require.NoError(t, err)
	before := values(t, model.Params())
	set, _, err := data.Digits()
	require.NoError(t, err)
	batches, err := data.NewBatches(set, data.BatchConfig{Size: 40})
	require.NoError(t, err)
	sgd, err := optim.NewSGD(model.Params(), optim.Constant(0.01), optim.SGD{})
	require.NoError(t, err)
	seen := map[string]float64{}
	loop := &train.Loop{Model: watched{model}, Loss: losses.Sum{{Weight: 1, Loss: anything{}}}, Optimizer: sgd,
		Source: batches, Steps: 1, Options: nn.Options{Device: d},
		Hooks: []train.Hook{train.HookFunc(func(e *train.Event) error {
			for _, m := range e.Train {
				seen[m.Name] = m.Value
			}
			return nil
		})}}
	defer func() { require.NoError(t, loop.Close()) }()
	require.NoError(t, loop.Run(t.Context()))
	after := values(t, model.Params())
	require.InDeltaSlice(t, before, after, 0.5,
		"the first step began with the parameters, not with what the device's memory held")
	require.NotEqual(t, before, after)
	last := model.Params()[len(model.Params())-1]
	require.Equal(t, values(t, []*nn.Param{last})[0], seen["probe of "+last.Name],
		"of the step, not of the host's copy before it")
}

// anything is the mean of what comes out.
type anything struct{}

func (anything) Loss(_ *nn.Graph, out, _ *gorgonia.Node) (*gorgonia.Node, error) { return nn.Mean(out) }
