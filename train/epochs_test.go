package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// An epoch of the recipe is 2 steps.
func TestEpochsAreAsManySteps(t *testing.T) { Everywhere(t, testEpochsAreAsManySteps) }

func testEpochsAreAsManySteps(t *testing.T, o nn.Options) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		want := recipe{options: o, dt: dt, steps: 6}.loop(t)
		require.NoError(t, want.Run(t.Context()))
		for _, c := range []struct{ steps, epochs, total int }{{0, 3, 6}, {6, 30, 6}, {600, 3, 6}} {
			l := recipe{options: o, dt: dt, steps: c.steps}.loop(t)
			l.Epochs = c.epochs
			require.Equal(t, c.total, l.TotalSteps())
			require.NoError(t, l.Run(t.Context()))
			require.Equal(t, c.total, l.Step())
			require.Equal(t, weights(t, want), weights(t, l))
		}
	}
}

func TestARunSaysHowLongItIs(t *testing.T) {
	for _, c := range []struct {
		steps, epochs, few int
		want               string
	}{
		{0, 0, 0, "Steps is 0 and Epochs 0, want one of them at least 1"},
		{-1, 3, 0, "Steps is -1 and Epochs 3"},
		{3, -1, 0, "Steps is 3 and Epochs -1"},
		{1, 0, -2, "OverfitBatches is -2"},
		{0, math.MaxInt, 0, "Epochs of 2 batches are more steps than can be counted"},
	} {
		l := recipe{steps: c.steps}.loop(t)
		l.Epochs, l.OverfitBatches = c.epochs, c.few
		require.ErrorContains(t, l.Run(t.Context()), c.want)
	}
	require.Zero(t, (*Loop)(nil).TotalSteps())
	require.Zero(t, (&Loop{Epochs: 3}).TotalSteps())
	require.Equal(t, 4, (&Loop{Epochs: 3, Steps: 4}).TotalSteps())
}

// A run of 2 epochs goes on as one of 4, with the bits of one that was not interrupted, and is
// not taken for one of fewer.
func TestEpochsGoOn(t *testing.T) {
	dir := t.TempDir()
	of := func(epochs int) *Loop {
		l := recipe{}.loop(t)
		var err error
		l.Optimizer, err = optim.NewSGD(l.Model.Params(), optim.Constant(0.01), optim.SGD{Momentum: 0.9})
		require.NoError(t, err)
		l.Epochs, l.Hooks = epochs, []Hook{&Checkpoint{Dir: dir, Epochs: 1}}
		return l
	}
	whole := of(4)
	require.NoError(t, whole.Run(t.Context()))
	half := of(2)
	require.NoError(t, half.Run(t.Context()))
	rest := of(4)
	require.NoError(t, rest.Resume(filepath.Join(dir, "last.safetensors")))
	require.Equal(t, 4, rest.Step())
	require.NoError(t, rest.Run(t.Context()))
	require.Equal(t, weights(t, whole), weights(t, rest))
	require.ErrorContains(t, of(3).Resume(filepath.Join(dir, "last.safetensors")), "steps 8 → 6")
}

func TestADevRunIsOneStepAndOneEvaluation(t *testing.T) { Everywhere(t, testADevRun) }

func testADevRun(t *testing.T, o nn.Options) {
	l := recipe{options: o, steps: 100, loud: true}.loop(t)
	evaluations := 0
	l.FastDevRun = true
	l.Hooks = []Hook{HookFunc(func(e *Event) error {
		if e.Eval != nil {
			evaluations++
		}
		return nil
	})}
	require.NoError(t, l.Run(t.Context()))
	require.Equal(t, 1, l.Step())
	require.Equal(t, 1, evaluations)
}

// TestTheFirstBatchesAreLearned trains on two batches of a shuffled source: each epoch is the same.
func TestTheFirstBatchesAreLearned(t *testing.T) { Everywhere(t, testTheFirstBatchesAreLearned) }

func testTheFirstBatchesAreLearned(t *testing.T, o nn.Options) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		l := recipe{options: o, dt: dt, loss: losses.CrossEntropy{}, plain: true, batch: 6, lr: 0.3}.loop(t)
		l.Epochs, l.OverfitBatches = 40, 2
		require.Equal(t, 80, l.TotalSteps())
		var first, last []float64
		l.Hooks = []Hook{HookFunc(func(e *Event) error {
			require.Equal(t, e.Step%2 == 0, e.EpochEnd)
			x, err := nn.Floats(nil, l.graph.x)
			if e.Step == 1 {
				first = x
			}
			if e.Step == 79 && o.Device == nil { // a device is a batch ahead
				require.Equal(t, first, x)
			}
			last = append(last, e.Loss)
			return err
		})}
		require.NoError(t, l.Run(t.Context()))
		require.Less(t, last[79], last[0]/4)
	}
}

// shortEnd returns a Loop on 5 pairs in batches of 2: of 2, 2 and 1 samples.
func shortEnd(t *testing.T, dt tensor.Dtype, o nn.Options) (*Loop, *nn.Param) {
	set, err := data.NewPairs([]float64{1, 2, 3, 4, 5}, []int{1}, []float64{3, 1, 4, 1, 5}, 1)
	require.NoError(t, err)
	source, err := data.NewBatches(set, data.BatchConfig{Size: 2, Last: data.ShortLast})
	require.NoError(t, err)
	w, err := nn.NewParam("w", dt, 1, 1)
	require.NoError(t, err)
	opt, err := optim.NewSGD([]*nn.Param{w}, optim.Constant(0.01), optim.SGD{Momentum: 0.5})
	require.NoError(t, err)
	l := &Loop{Model: line{w}, Loss: losses.MSE{}, Optimizer: opt, Source: source, Epochs: 3, Options: o}
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l, w
}

// TestAShortBatchIsTrainedAtItsSize works gradient descent with momentum out by hand: y = wx,
// L = Σ(wx − y)²/n of batches of 2, 2 and 1 samples.
func TestAShortBatchIsTrainedAtItsSize(t *testing.T) {
	Everywhere(t, testAShortBatchIsTrainedAtItsSize)
}

func testAShortBatchIsTrainedAtItsSize(t *testing.T, o nn.Options) {
	x, y := []float64{1, 2, 3, 4, 5}, []float64{3, 1, 4, 1, 5}
	var want []float64
	w, b := 0.0, 0.0
	for range 3 {
		for _, batch := range [][2]int{{0, 2}, {2, 4}, {4, 5}} {
			loss, slope, n := 0.0, 0.0, float64(batch[1]-batch[0])
			for i := batch[0]; i < batch[1]; i++ {
				loss += (w*x[i] - y[i]) * (w*x[i] - y[i]) / n
				slope += 2 * x[i] * (w*x[i] - y[i]) / n
			}
			b = 0.5*b + slope
			w -= 0.01 * b
			want = append(want, loss)
		}
	}
	for dt, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-13, tensor.Float32: 1e-5} {
		l, p := shortEnd(t, dt, o)
		var got []float64
		l.Hooks = []Hook{HookFunc(func(e *Event) error {
			require.Equal(t, e.Step%3 == 0, e.EpochEnd)
			require.Equal(t, (e.Step-1)/3, e.Epoch)
			mse, ok := e.Metric("mse")
			require.True(t, ok)
			require.Equal(t, e.Loss, mse, "the probes are those of the graph in hand")
			got = append(got, e.Loss)
			return nil
		})}
		require.Equal(t, 9, l.TotalSteps())
		require.NoError(t, l.Run(t.Context()))
		require.InDeltaSlice(t, want, got, tol)
		v, err := nn.Floats(nil, p.Value)
		require.NoError(t, err)
		require.InDelta(t, w, v[0], tol)
	}
}

// ragged returns a network with a batch norm and dropout on batches of 8, 8 and 4 samples.
func ragged(t *testing.T, dt tensor.Dtype, o nn.Options, last data.LastBatch) *Loop {
	set := gaussians(t, 1)
	set, err := set.Subset([]int{0, 25, 50, 1, 26, 51, 2, 27, 52, 3, 28, 53, 4, 29, 54, 5, 30, 55, 6, 31})
	require.NoError(t, err)
	source, err := data.NewBatches(set, data.BatchConfig{Size: 8, Shuffle: true, Seed: 5, Last: last})
	require.NoError(t, err)
	lin, err := layers.NewLinear(layers.LinearConfig{Name: "in", In: 5, Out: 6, Dtype: dt, Seed: 2})
	require.NoError(t, err)
	norm, err := layers.NewBatchNorm(layers.BatchNormConfig{Name: "norm", Channels: 6, Dtype: dt})
	require.NoError(t, err)
	head, err := layers.NewLinear(layers.LinearConfig{Name: "head", In: 6, Out: 3, Dtype: dt, Seed: 2})
	require.NoError(t, err)
	model := layers.Sequential{lin, norm, layers.ReLU{}, layers.Dropout{Name: "d", Rate: 0.1, Seed: 4}, head}
	// not by Adam, which makes as much of rounding, as in the gradient of a bias before the norm, as of a gradient
	opt, err := optim.NewSGD(nn.Trained(model.Params()), optim.Constant(0.05), optim.SGD{Momentum: 0.9})
	require.NoError(t, err)
	l := &Loop{Model: model, Loss: losses.CrossEntropy{}, Optimizer: opt, Source: source, Epochs: 2, Options: o}
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// TestGraphsOfBothSizesShareEverything compares with a Loop that has one graph at a time: it is
// closed after each step, and the next one resumes it.
func TestGraphsOfBothSizesShareEverything(t *testing.T) {
	Everywhere(t, testGraphsOfBothSizesShareEverything)
}

func testGraphsOfBothSizesShareEverything(t *testing.T, o nn.Options) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		whole := ragged(t, dt, o, data.ShortLast)
		require.NoError(t, whole.Run(t.Context()))
		require.Equal(t, 6, whole.Step())
		file := filepath.Join(t.TempDir(), "c")
		for step := 1; step <= 6; step++ {
			l := ragged(t, dt, o, data.ShortLast)
			if step > 1 {
				require.NoError(t, l.Resume(file))
			}
			ctx, cancel := context.WithCancel(t.Context())
			l.Hooks = []Hook{HookFunc(func(*Event) error { cancel(); return nil })}
			require.Equal(t, step == 6, l.Run(ctx) == nil)
			require.Equal(t, step, l.Step())
			require.NoError(t, l.Save(file))
			if step == 6 {
				require.Equal(t, weights(t, whole), weights(t, l))
			}
			require.NoError(t, l.Close())
			cancel()
		}
		dropped := ragged(t, dt, o, data.DropLast)
		require.NoError(t, dropped.Run(t.Context()))
		require.Equal(t, 4, dropped.Step(), "the default leaves them out")
	}
}

// TestShortBatchesAreTheSameEverywhere compares the machines, and chunks with none.
func TestShortBatchesAreTheSameEverywhere(t *testing.T) { Everywhere(t, testShortBatchesAreTheSame) }

func testShortBatchesAreTheSame(t *testing.T, o nn.Options) {
	for dt, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-12, tensor.Float32: 1e-5} {
		host := ragged(t, dt, nn.Options{}, data.ShortLast)
		require.NoError(t, host.Run(t.Context()))
		there := ragged(t, dt, o, data.ShortLast)
		require.NoError(t, there.Run(t.Context()))
		for i, w := range weights(t, host) {
			require.InDeltaSlice(t, w, weights(t, there)[i], tol)
		}
		for _, chunk := range []int{4, 8} { // of the 4 samples of the last batch, and above them
			run := func(chunk int) *Loop {
				l := ragged(t, dt, o, data.ShortLast)
				l.Chunk = chunk
				lin, err := layers.NewLinear(layers.LinearConfig{Name: "l", In: 5, Out: 3, Dtype: dt, Seed: 2})
				require.NoError(t, err)
				l.Model = lin // each sample apart
				l.Optimizer, err = optim.NewAdam(lin.Params(), optim.Constant(0.01), optim.Adam{})
				require.NoError(t, err)
				require.NoError(t, l.Run(t.Context()))
				return l
			}
			for i, w := range weights(t, run(0)) {
				require.InDeltaSlice(t, w, weights(t, run(chunk))[i], tol, chunk)
			}
		}
	}
}

// TestStepsOfBothSizesAllocateNothing is the steady state of ragged epochs.
func TestStepsOfBothSizesAllocateNothing(t *testing.T) { Everywhere(t, testStepsOfBothSizes) }

func testStepsOfBothSizes(t *testing.T, o nn.Options) {
	l := ragged(t, tensor.Float32, o, data.ShortLast)
	l.Epochs = 1000
	require.NoError(t, l.prepare())
	step := func() {
		if err := l.one(t.Context()); err != nil {
			panic(err)
		}
	}
	for range 9 {
		step()
	}
	require.Zero(t, allocs(o, 30, step))
}

// liar says that its last batch is of another size than it can be.
type liar struct {
	data.Source
	last int
}

func (l liar) LastBatchSize() int { return l.last }

func TestASourceThatLiesAboutItsLastBatch(t *testing.T) {
	for _, last := range []int{-1, 0, batch + 1} {
		l := recipe{steps: 2}.loop(t)
		l.Source = liar{l.Source, last}
		want := fmt.Sprintf("a last batch of %d samples, want 1 to %d", last, batch)
		require.ErrorContains(t, l.Run(t.Context()), want)
	}
	l := recipe{steps: 2}.loop(t)
	l.Source = liar{l.Source, 3}
	before := weights(t, l)
	require.ErrorContains(t, l.Run(t.Context()), "after step 1: next batch: data: next: 3 samples")
	require.NotEqual(t, before, weights(t, l))
}

// TestTheLastCheckpointsAreKept lets the files of the last two stay, and those that are not of
// this run's steps.
func TestTheLastCheckpointsAreKept(t *testing.T) {
	for name, c := range map[string]struct {
		hook *Checkpoint
		want []string
	}{
		"two":          {&Checkpoint{Every: 2, Last: 2}, []string{"step-4", "step-6"}},
		"one of epoch": {&Checkpoint{Epochs: 1, Last: 1}, []string{"step-6"}},
		"every second": {&Checkpoint{Epochs: 2, Keep: true}, []string{"step-4"}},
		"both": {&Checkpoint{Epochs: 1, Every: 3, Keep: true},
			[]string{"step-2", "step-3", "step-4", "step-6"}},
		"all":  {&Checkpoint{Every: 2, Keep: true}, []string{"step-2", "step-4", "step-6"}},
		"none": {&Checkpoint{Every: 2}, nil},
	} {
		c.hook.Dir = t.TempDir()
		others := []string{"step-900.safetensors", "step-x.safetensors", "step-01.safetensors", "mine", "step-2.txt"}
		for _, other := range others {
			require.NoError(t, os.WriteFile(filepath.Join(c.hook.Dir, other), []byte("mine"), 0o666))
		}
		l := recipe{steps: 7, hooks: []Hook{c.hook}}.loop(t)
		require.NoError(t, l.Run(t.Context()))
		for _, other := range others {
			require.FileExists(t, filepath.Join(c.hook.Dir, other), name)
			require.NoError(t, os.Remove(filepath.Join(c.hook.Dir, other)))
		}
		entries, err := os.ReadDir(c.hook.Dir)
		require.NoError(t, err)
		names := []string{"last.safetensors"}
		for _, w := range c.want {
			names = append(names, w+".safetensors")
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Name())
		}
		require.ElementsMatch(t, names, got, name)
	}
	l := recipe{steps: 1, hooks: []Hook{&Checkpoint{Dir: t.TempDir(), Last: -1}}}.loop(t)
	require.ErrorContains(t, l.Run(t.Context()), "Every is 0, Epochs 0 and Last -1, want 0 or above")
}
