package train_test

import (
	"context"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// A lossSum is a Resumable hook: the sum of all losses, and how many there were.
type lossSum struct{ sum, steps float64 }

func (l *lossSum) Step(e *train.Event) error {
	l.sum, l.steps = l.sum+e.Loss, l.steps+1
	return nil
}

func (l *lossSum) Key() string      { return "loss-sum" }
func (l *lossSum) State() []float64 { return []float64{l.sum, l.steps} }

func (l *lossSum) Restore(state []float64) error {
	l.sum, l.steps = state[0], state[1]
	return nil
}

// TestHooksOfAStagewiseResume: a Resumable and a Stateful one end a run that was
// interrupted as one that was not, to the bit.
func TestHooksOfAStagewiseResume(t *testing.T) { train.Everywhere(t, testHooksOfAStagewiseResume) }

func testHooksOfAStagewiseResume(t *testing.T, o nn.Options) {
	hooks := func(s *train.Stagewise, more ...train.Hook) (*lossSum, *train.EMA) {
		sum := &lossSum{}
		average, err := optim.NewEMA(s.Net.Params(), optim.EMAConfig{Decay: 0.9})
		require.NoError(t, err)
		ema := &train.EMA{Average: average}
		s.Hooks = append([]train.Hook{sum, ema}, more...)
		return sum, ema
	}
	averages := func(e *train.EMA) []float64 {
		state, err := e.Tensors()
		require.NoError(t, err)
		var all []float64
		for _, s := range state {
			if s.Value.Dtype() != tensor.Float64 && s.Value.Dtype() != tensor.Float32 {
				continue
			}
			all, err = nn.Floats(all, s.Value)
			require.NoError(t, err)
		}
		return all
	}
	_, s := recoveryTask(t, o, 2)
	log := &stageLog{}
	wantSum, wantEMA := hooks(s, log)
	require.NoError(t, s.Run(context.Background()))
	require.EqualValues(t, log.steps, wantSum.steps)
	for _, stop := range []int{3, log.stages[0].Steps, log.stages[2].Steps + 7} {
		_, s := recoveryTask(t, o, 2)
		s.Dir = t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		hooks(s, &stageLog{stop: stop, cancel: cancel})
		require.ErrorIs(t, s.Run(ctx), context.Canceled)
		_, again := recoveryTask(t, o, 2)
		again.Dir = s.Dir
		sum, ema := hooks(again)
		require.NoError(t, again.Resume(again.Checkpoint()))
		require.NoError(t, again.Run(context.Background()))
		require.Equal(t, *wantSum, *sum, "stopped after step %d", stop)
		require.Equal(t, averages(wantEMA), averages(ema), "stopped after step %d", stop)
	}
}

// TestAStagewiseRefusesToResumeAnotherPlan, or without the hooks that it had.
func TestAStagewiseRefusesToResumeAnotherPlan(t *testing.T) {
	train.Everywhere(t, testAStagewiseRefusesToResumeAnotherPlan)
}

func testAStagewiseRefusesToResumeAnotherPlan(t *testing.T, o nn.Options) {
	_, s := recoveryTask(t, o, 2)
	s.Dir = t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	s.Hooks = []train.Hook{&stageLog{stop: 7, cancel: cancel}, &lossSum{}}
	require.ErrorIs(t, s.Run(ctx), context.Canceled)
	for name, change := range map[string]func(s *train.Stagewise){
		"the rate":         func(s *train.Stagewise) { s.LR = 1e-3 },
		"a decay":          func(s *train.Stagewise) { s.Decays = []float64{0.2, 0.05} },
		"a decay less":     func(s *train.Stagewise) { s.Decays = []float64{0.2} },
		"no decays":        func(s *train.Stagewise) { s.Decays = []float64{} },
		"a layer less":     func(s *train.Stagewise) { s.Layers = 1 },
		"the patience":     func(s *train.Stagewise) { s.BetterWait = 21 },
		"the most steps":   func(s *train.Stagewise) { s.MaxSteps = 61 },
		"without the hook": func(s *train.Stagewise) { s.Hooks = nil },
		"another hook more": func(s *train.Stagewise) {
			s.Hooks = append(s.Hooks, &train.EarlyStop{Metric: "val_nmse_db"})
		},
	} {
		_, again := recoveryTask(t, o, 2)
		again.Dir, again.Hooks = s.Dir, []train.Hook{&lossSum{}}
		change(again)
		before := values(t, again.Net.Params())
		err := again.Resume(again.Checkpoint())
		require.ErrorIs(t, err, train.ErrCheckpoint, name)
		var other *train.OtherRun
		if errors.As(err, &other) {
			require.NotEmpty(t, other.Lines, name)
		}
		require.Equal(t, before, values(t, again.Net.Params()), name)
	}
	_, again := recoveryTask(t, o, 2)
	again.Dir, again.Hooks = s.Dir, []train.Hook{&lossSum{}}
	require.NoError(t, again.Resume(again.Checkpoint()))
}
