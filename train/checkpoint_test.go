package train

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// state returns everything that a checkpoint holds.
func state(t *testing.T, l *Loop) map[string][]byte {
	t.Helper()
	tensors, err := l.tensors()
	require.NoError(t, err)
	all := make(map[string][]byte)
	for _, x := range tensors {
		path := filepath.Join(t.TempDir(), "one")
		require.NoError(t, safetensors.WriteFile(path, []safetensors.Tensor{x}, nil))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		all[x.Name] = b
	}
	return all
}

// 2N steps are N steps, Save, Resume in new objects, and N steps: bit for bit, at
// any N, in the middle of an epoch and at its end, with dropout, a schedule, both
// optimizers and hooks with a memory.
func TestResumeIsExact(t *testing.T) { Everywhere(t, testResumeIsExact) }

func testResumeIsExact(t *testing.T, o nn.Options) {
	hooks := func(metric string) []Hook {
		return []Hook{&EarlyStop{Metric: metric, Lower: true, Patience: 100, MinDelta: 1e-4}}
	}
	for name, r := range map[string]recipe{
		"MCR2 with SGD":   {options: o, loud: true},
		"MCR2 with AdamW": {options: o, adam: true, loud: true},
		"cross-entropy in float64": {options: o, loss: losses.CrossEntropy{}, dt: tensor.Float64, adam: true,
			loud: true},
		"without any evaluation":     {options: o, adam: true},
		"cross-entropy with a limit": {options: o, loss: losses.CrossEntropy{}, loud: true},
		"MCR2 by chunks":             {options: o, adam: true, loud: true, chunk: 8},
	} {
		stops := []int{1, 4, 5}
		if o.Device != nil {
			stops = stops[1:2] // a software device takes its time
		}
		for _, n := range stops {
			path := filepath.Join(t.TempDir(), "run.safetensors")
			run := func(steps int, from string) *Loop {
				r.steps, r.hooks = steps, hooks("loss")
				if r.loud {
					r.hooks = hooks("val_norm")
				}
				l := r.loop(t)
				l.EvaluateEvery = n // so that the half run's last evaluation is one of the whole run's
				if from != "" {
					require.NoError(t, l.Resume(from))
					require.Equal(t, n, l.Step())
				}
				require.NoError(t, l.Run(t.Context()))
				return l
			}
			whole, half := run(2*n, ""), run(n, "")
			require.NoError(t, half.Save(path))
			require.NotEqual(t, weights(t, whole), weights(t, half))
			require.Equal(t, state(t, whole), state(t, run(2*n, path)), "%s, %d steps", name, n)
		}
	}
}

// Also when the source is read ahead.
func TestResumeIsExactWithPrefetch(t *testing.T) { Everywhere(t, testResumeIsExactWithPrefetch) }

func testResumeIsExactWithPrefetch(t *testing.T, o nn.Options) {
	ahead := func(l *Loop) *Loop {
		p, err := data.NewPrefetch(l.Source, tensor.Float32, 3)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, p.Close()) })
		l.Source = p
		return l
	}
	path := filepath.Join(t.TempDir(), "run.safetensors")
	r := recipe{options: o, steps: 10, adam: true}
	whole := r.loop(t)
	require.NoError(t, whole.Run(t.Context()))
	r.steps = 5
	half := ahead(r.loop(t))
	require.NoError(t, half.Run(t.Context()))
	require.NoError(t, half.Save(path))
	r.steps = 10
	rest := ahead(r.loop(t))
	require.NoError(t, rest.Resume(path))
	require.NoError(t, rest.Run(t.Context()))
	require.Equal(t, weights(t, whole), weights(t, rest))
	require.Equal(t, whole.Source.Position(), rest.Source.Position())
}

// A checkpoint that does not fit changes nothing at all.
func TestResumeRefusesWhatDoesNotFit(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.safetensors")
	r := recipe{steps: 3, adam: true, hooks: []Hook{&EarlyStop{Metric: "loss", Lower: true, Patience: 9}}}
	l := r.loop(t)
	require.NoError(t, l.Run(t.Context()))
	require.NoError(t, l.Save(good))
	f, err := safetensors.ReadFile(good)
	require.NoError(t, err)

	without := func(name string, more ...safetensors.Tensor) []safetensors.Tensor {
		tensors, err := l.tensors()
		require.NoError(t, err)
		kept := more
		for _, x := range tensors {
			if x.Name != name {
				kept = append(kept, x)
			}
		}
		return kept
	}
	position := func(v ...int64) safetensors.Tensor {
		x, err := safetensors.New("train.position", v, len(v))
		require.NoError(t, err)
		return x
	}
	for name, tensors := range map[string][]safetensors.Tensor{
		"mlp.linear0.weight":         without("mlp.linear0.weight"),
		"optim.mlp.linear1.bias.m":   without("optim.mlp.linear1.bias.m"),
		"hook.earlystop.loss":        without("hook.earlystop.loss"),
		"train.position":             without("train.position"),
		"step -1":                    without("train.position", position(-1, 0, 0)),
		"epoch 0, batch 99":          without("train.position", position(3, 0, 99)),
		"epoch -2":                   without("train.position", position(3, -2, 0)),
		`"train.position" has shape`: without("train.position", position(3, 0)),
	} {
		path := filepath.Join(t.TempDir(), "bad.safetensors")
		require.NoError(t, safetensors.WriteFile(path, tensors, f.Meta))
		fresh := r.loop(t)
		before := state(t, fresh)
		err := fresh.Resume(path)
		require.ErrorIs(t, err, ErrCheckpoint, name)
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, name)
		require.Equal(t, before, state(t, fresh), name)
		require.Zero(t, fresh.Step())
	}

	fresh := r.loop(t)
	before := state(t, fresh)
	other := filepath.Join(t.TempDir(), "other.safetensors")
	require.NoError(t, safetensors.WriteFile(other, without(""), map[string]string{"format": "pt"}))
	require.ErrorContains(t, fresh.Resume(other), `format "pt", want "whitebox-checkpoint-1"`)
	text, err := os.ReadFile(good)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(other, text[:len(text)-1], 0o666))
	require.ErrorIs(t, fresh.Resume(other), safetensors.ErrFormat)
	require.ErrorIs(t, fresh.Resume(filepath.Join(t.TempDir(), "none")), os.ErrNotExist)
	require.Equal(t, before, state(t, fresh))
	require.NoError(t, fresh.Resume(good))
}

func TestTwoHooksOfOneKeyAreRefused(t *testing.T) {
	l := recipe{steps: 1, hooks: []Hook{&EarlyStop{Metric: "loss", Patience: 1}, &EarlyStop{Metric: "loss", Lower: true,
		Patience: 1}}}.loop(t)
	require.ErrorContains(t, l.Save(filepath.Join(t.TempDir(), "x")), `two hooks have the key "earlystop.loss"`)
}

func TestParamsAreSavedAndLoaded(t *testing.T) { Everywhere(t, testParamsAreSavedAndLoaded) }

func testParamsAreSavedAndLoaded(t *testing.T, o nn.Options) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	r := recipe{options: o, steps: 4}
	trained := r.loop(t)
	require.NoError(t, trained.Run(t.Context()))
	require.NoError(t, SaveParams(path, trained.Model.Params()))
	fresh := r.loop(t)
	require.NoError(t, LoadParams(path, fresh.Model.Params()))
	require.Equal(t, weights(t, trained), weights(t, fresh))

	// A checkpoint of a run will do, and a file that lacks one changes nothing.
	require.NoError(t, trained.Save(path))
	fresh = r.loop(t)
	require.NoError(t, LoadParams(path, fresh.Model.Params()))
	require.Equal(t, weights(t, trained), weights(t, fresh))
	more, err := nn.NewParam("head.weight", tensor.Float32, 2, 2)
	require.NoError(t, err)
	fresh = r.loop(t)
	before := weights(t, fresh)
	require.ErrorIs(t, LoadParams(path, append(fresh.Model.Params(), more)), ErrCheckpoint)
	require.Equal(t, before, weights(t, fresh))
	require.ErrorIs(t, LoadParams(filepath.Join(t.TempDir(), "none"), nil), os.ErrNotExist)
}

// An optimizer of another kind is another run.
func TestResumeRefusesAnotherOptimizer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	l := recipe{steps: 2}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	require.NoError(t, l.Save(path))
	other := recipe{steps: 2, adam: true}.loop(t)
	before, at := weights(t, other), other.Source.Position()
	require.ErrorIs(t, other.Resume(path), ErrCheckpoint)
	require.Equal(t, before, weights(t, other))
	require.Equal(t, at, other.Source.Position())

	other = recipe{steps: 2}.loop(t)
	opt, err := optim.NewSGD(other.Model.Params()[:1], optim.Constant(0.1), optim.SGD{Momentum: 0.9})
	require.NoError(t, err)
	other.Optimizer = opt
	require.ErrorContains(t, other.Resume(path), "optimizer parameter none → mlp.linear0.weight")
}
