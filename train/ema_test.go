package train

import (
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

func averageOf(t *testing.T, l *Loop, cfg optim.EMAConfig) *EMA {
	t.Helper()
	average, err := optim.NewEMA(l.Model.Params(), cfg)
	require.NoError(t, err)
	return &EMA{Average: average}
}

func averagesIn(t *testing.T, m *EMA) (all []float64) {
	t.Helper()
	state, err := m.Tensors()
	require.NoError(t, err)
	for _, s := range state[1:] {
		all, err = nn.Floats(all, s.Value)
		require.NoError(t, err)
	}
	return all
}

// The averages of a run that was interrupted are those of one that was not: all bits,
// both dtypes, all ways to average, on a device too.
func TestEMAResumesExactly(t *testing.T) { Everywhere(t, testEMAResumesExactly) }

func testEMAResumesExactly(t *testing.T, o nn.Options) {
	for _, cfg := range []optim.EMAConfig{{Decay: 0.9}, {Decay: 0.9, Unbiased: true}, {Warmup: true}} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			dir := t.TempDir()
			run := func(steps int, from string) (*Loop, *EMA) {
				l := recipe{options: o, dt: dt, steps: steps, adam: true}.loop(t)
				m := averageOf(t, l, cfg)
				l.Hooks = []Hook{&Checkpoint{Dir: dir, Every: 5, Keep: true}, m}
				if from != "" {
					require.NoError(t, l.Resume(filepath.Join(dir, from)))
				}
				require.NoError(t, l.Run(t.Context()))
				return l, m
			}
			whole, want := run(12, "")
			require.NotEqual(t, want.Average.StepCount(), 0)
			rest, got := run(12, "step-5.safetensors")
			require.Equal(t, 12, got.Average.StepCount())
			require.Equal(t, averagesIn(t, want), averagesIn(t, got))
			require.Equal(t, weights(t, whole), weights(t, rest))
			var all []float64
			for _, w := range weights(t, whole) {
				all = append(all, w...)
			}
			require.NotEqual(t, all, averagesIn(t, want))
		}
	}
}

// A checkpoint never takes averages for the parameters, and no step begins with them.
func TestNothingIsSavedWhileAveragesStandIn(t *testing.T) {
	Everywhere(t, testNothingIsSavedWhileAveragesStandIn)
}

func testNothingIsSavedWhileAveragesStandIn(t *testing.T, o nn.Options) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.safetensors")
	l := recipe{options: o, steps: 4}.loop(t)
	m := averageOf(t, l, optim.EMAConfig{Decay: 0.5})
	l.Hooks = []Hook{m}
	require.NoError(t, l.Run(t.Context()))
	before := weights(t, l)
	require.NoError(t, m.Average.SwapIn())
	require.ErrorContains(t, l.Save(path), "the averages of an EMA")
	require.NoFileExists(t, path)
	l.Steps = 5
	require.ErrorContains(t, l.Run(t.Context()), "the averages of an EMA")
	require.Equal(t, 4, l.Step())
	other, err := optim.NewEMA(l.Model.Params(), optim.EMAConfig{})
	require.NoError(t, err)
	require.ErrorContains(t, other.Update(), "the averages of an EMA")
	require.ErrorContains(t, other.SwapIn(), "the averages of an EMA")
	require.NoError(t, SaveParams(path, l.Model.Params()), "that is how to keep them alone")
	f, err := safetensors.ReadFile(path)
	require.NoError(t, err)
	require.NotEmpty(t, f.Tensors)
	require.NoError(t, m.Average.SwapOut())
	require.NoError(t, nn.Sync(l.Model.Params()))
	require.Equal(t, before, weights(t, l))
	require.NoError(t, l.Save(path))
	require.NoError(t, l.Run(t.Context()))
}

// The evaluation after a step is of the averages with that step, and leaves everything
// as it was.
func TestEMAIsEvaluated(t *testing.T) { Everywhere(t, testEMAIsEvaluated) }

func testEMAIsEvaluated(t *testing.T, o nn.Options) {
	l := recipe{options: o, steps: 4, dt: tensor.Float64}.loop(t)
	m := averageOf(t, l, optim.EMAConfig{Decay: 0.5})
	var seen, want []float64
	first := l.Model.Params()[0]
	l.Evaluator, l.EvaluateEvery = m.Evaluator(evaluate(func(context.Context) ([]Metric, error) {
		return []Metric{{"w", first.Value.Float64s()[0]}}, nil
	})), 1
	average := first.Value.Float64s()[0]
	l.Hooks = []Hook{HookFunc(func(e *Event) error {
		v, ok := e.Metric("val_ema_w")
		require.True(t, ok)
		average += 0.5 * (first.Value.Float64s()[0] - average)
		seen, want = append(seen, v), append(want, average)
		return nil
	}), m, &Progress{Out: io.Discard, Show: []string{"val_ema_w"}}}
	require.NoError(t, l.Run(t.Context()))
	require.InDeltaSlice(t, want, seen, 1e-15)
	require.Len(t, seen, 4)
}

func TestEMAOfNothingReports(t *testing.T) {
	for _, m := range []*EMA{nil, {}} {
		require.ErrorContains(t, m.Step(nil), "no Average")
		_, err := m.Tensors()
		require.ErrorContains(t, err, "no Average")
		require.ErrorContains(t, m.RestoreTensors(nil), "no Average")
		require.Equal(t, "ema", m.Key())
		_, err = m.Evaluator(nil).Evaluate(t.Context())
		require.ErrorContains(t, err, "no Average")
		require.Empty(t, m.Config())
	}
	l := recipe{steps: 1}.loop(t)
	m := averageOf(t, l, optim.EMAConfig{})
	_, err := m.Evaluator(nil).Evaluate(t.Context())
	require.ErrorContains(t, err, "no Evaluator")
	require.Error(t, m.RestoreTensors(nil))
	path := filepath.Join(t.TempDir(), "x")
	require.NoError(t, l.Save(path))
	l.Hooks = []Hook{m}
	require.ErrorContains(t, l.Resume(path), "hook none → EMA ema")
	require.NoError(t, l.Save(path))
	l.Hooks = []Hook{averageOf(t, l, optim.EMAConfig{Decay: 0.5})}
	require.ErrorContains(t, l.Resume(path), "hook ema decay 0.999 → 0.5")
}
