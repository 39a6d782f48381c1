package train

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// images are vectors as 1×rows×8 images of two classes.
func images(t testing.TB, rows int) *data.Set {
	t.Helper()
	x, labels := make([]float64, 40*rows*8), make([]int, 40)
	for i := range labels {
		labels[i] = i % 2
		for j := range rows * 8 {
			x[i*rows*8+j] = math.Sin(float64(1+i*j)) + float64(i%2)*math.Cos(float64(j))
		}
	}
	set, err := data.New(x, 1, []int{1, rows, 8}, labels, 2)
	require.NoError(t, err)
	return set
}

// resnetLoop is a loop over a small residual network, evaluated every other step.
func resnetLoop(t testing.TB, o nn.Options, steps int, workers int) *Loop {
	t.Helper()
	o.Workers = workers
	m, err := models.NewResNet(models.ResNetConfig{Depth: 10, Channels: 1, Width: 4, Features: 5, Normalize: true,
		Seed: 2})
	require.NoError(t, err)
	source, err := data.NewBatches(images(t, 8), data.BatchConfig{Size: 12, Shuffle: true, Seed: 3})
	require.NoError(t, err)
	opt, err := optim.NewSGD(m.Params(), optim.Constant(0.05), optim.SGD{Momentum: 0.9, WeightDecay: 1e-3})
	require.NoError(t, err)
	c, err := NewPredictor(Output(m), tensor.Float32, 10, []int{1, 8, 8}, o)
	require.NoError(t, err)
	l := &Loop{Model: m, Loss: losses.MCR2{Classes: 2}, Optimizer: opt, Source: source, Steps: steps, EvaluateEvery: 2,
		Options: o}
	set := images(t, 8)
	l.Evaluator = evaluate(func(ctx context.Context) ([]Metric, error) {
		z, err := c.Collect(ctx, set)
		if err != nil {
			return nil, err
		}
		return []Metric{{"z", z[0].At(3, 2)}}, nil
	})
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		require.NoError(t, c.Close())
	})
	return l
}

// The running statistics are in the checkpoint, and what is evaluated after it is
// the same, bit for bit.
func TestResumeIsExactWithBatchNorm(t *testing.T) { Everywhere(t, testResumeIsExactWithBatchNorm) }

func testResumeIsExactWithBatchNorm(t *testing.T, o nn.Options) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	evaluations := func(l *Loop) (seen []float64) {
		l.Hooks = append(l.Hooks, HookFunc(func(e *Event) error {
			if v, ok := e.Metric("val_z"); ok {
				seen = append(seen, v)
			}
			return nil
		}))
		require.NoError(t, l.Run(t.Context()))
		return seen
	}
	whole, half := resnetLoop(t, o, 8, 0), resnetLoop(t, o, 4, 0)
	want := evaluations(whole)
	evaluations(half)
	require.NoError(t, half.Save(path))
	rest := resnetLoop(t, o, 8, 0)
	require.NoError(t, rest.Resume(path))
	require.Equal(t, want[2:], evaluations(rest))
	require.Equal(t, state(t, whole), state(t, rest))
	require.Contains(t, state(t, whole), "bn1.running_mean")
	require.Contains(t, state(t, whole), "head.norm.running_var")

	// A model that is loaded is evaluated as the one that was saved.
	fresh := resnetLoop(t, o, 1, 0)
	before, err := fresh.Evaluator.Evaluate(t.Context())
	require.NoError(t, err)
	require.NoError(t, LoadParams(path, fresh.Model.Params()))
	after, err := fresh.Evaluator.Evaluate(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	require.Equal(t, want[1], after[0].Value)
}

// Each step moves the running statistics once; a failed one not at all.
func TestRunningStatisticsMoveOnceAStep(t *testing.T) {
	Everywhere(t, testRunningStatisticsMoveOnceAStep)
}

func testRunningStatisticsMoveOnceAStep(t *testing.T, o nn.Options) {
	bn, err := layers.NewBatchNorm(layers.BatchNormConfig{Name: "bn", Channels: 5, Dtype: tensor.Float64})
	require.NoError(t, err)
	set := gaussians(t, 1)
	source, err := data.NewBatches(set, data.BatchConfig{Size: set.Len()})
	require.NoError(t, err)
	opt, err := optim.NewAdam(bn.Params(), optim.Constant(1e-3), optim.Adam{})
	require.NoError(t, err)
	require.Len(t, opt.Params(), 2, "statistics are not optimized")
	l := &Loop{Model: bn, Loss: losses.CrossEntropy{}, Optimizer: opt, Source: source, Steps: 3, Options: o}
	defer func() { require.NoError(t, l.Close()) }()
	require.NoError(t, l.Run(t.Context()))
	mean, variance := 0.0, 0.0
	for i := range set.Len() {
		row, err := set.Row(nil, i)
		require.NoError(t, err)
		mean += row[1] / float64(set.Len())
	}
	for i := range set.Len() {
		row, err := set.Row(nil, i)
		require.NoError(t, err)
		variance += (row[1] - mean) * (row[1] - mean) / float64(set.Len()-1)
	}
	kept := 0.9 * 0.9 * 0.9
	require.InDelta(t, (1-kept)*mean, bn.Params()[2].Value.Float64s()[1], 1e-6)
	require.InDelta(t, kept+(1-kept)*variance, bn.Params()[3].Value.Float64s()[1], 1e-6)

	bn.Params()[0].Value.Float64s()[0] = math.NaN()
	before := append([]float64(nil), bn.Params()[2].Value.Float64s()...)
	l.Steps = 4
	require.ErrorIs(t, l.Run(t.Context()), ErrDiverged)
	require.Equal(t, before, bn.Params()[2].Value.Float64s())
}

func TestAStepOfAResNetAllocatesNothing(t *testing.T) {
	l := resnetLoop(t, nn.Options{}, 1000, 0)
	l.Evaluator = nil
	require.NoError(t, l.prepare())
	step := func() {
		if err := l.one(t.Context()); err != nil {
			panic(err)
		}
	}
	for range 3 {
		step()
	}
	require.Zero(t, testing.AllocsPerRun(20, step))
}

func TestOneTwoAndEightWorkersTakeTheSameStepsOfAResNet(t *testing.T) {
	var want [][]float64
	for _, workers := range []int{1, 2, 8} {
		l := resnetLoop(t, nn.Options{}, 3, workers)
		require.NoError(t, l.Run(t.Context()))
		if want == nil {
			want = weights(t, l)
		}
		require.Equal(t, want, weights(t, l), "%d workers", workers)
	}
}
