package train

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// told is a hook of a user's that writes down when it is called.
type told struct {
	name string
	turn Turn
	log  *[]string
}

func (h told) Turn() Turn { return h.turn }

func (h told) Step(*Event) error {
	*h.log = append(*h.log, h.name)
	return nil
}

func (h told) Finish(*Event, error) error {
	*h.log = append(*h.log, h.name+" finish")
	return nil
}

// TestHooksAreCalledInTheirTurns lists hooks against the order that they declare.
func TestHooksAreCalledInTheirTurns(t *testing.T) { Everywhere(t, testHooksAreCalledInTheirTurns) }

func testHooksAreCalledInTheirTurns(t *testing.T, o nn.Options) {
	for _, wrapped := range []bool{false, true} {
		var log []string
		hooks := []Hook{
			told{"saves", AfterHooks, &log}, told{"a", AfterEvaluation, &log}, told{"averages", BeforeEvaluation, &log},
			told{"b", AfterEvaluation, &log},
		}
		want := []string{"averages", "evaluation", "a", "b", "saves"}
		if wrapped { // as in a Stagewise
			for i, h := range hooks {
				hooks[i] = stepsOnly{h}
			}
		} else {
			want = append(want, "averages finish", "a finish", "b finish", "saves finish")
		}
		l := recipe{options: o, steps: 1, hooks: hooks}.loop(t)
		l.Evaluator = evaluatorFunc(func(context.Context) ([]Metric, error) {
			log = append(log, "evaluation")
			return []Metric{{"v", 1}}, nil
		})
		require.NoError(t, l.Run(t.Context()))
		require.Equal(t, want, log)
	}
}

type evaluatorFunc func(context.Context) ([]Metric, error)

func (f evaluatorFunc) Evaluate(ctx context.Context) ([]Metric, error) { return f(ctx) }

func TestATurnThatIsNoneIsAnError(t *testing.T) {
	l := recipe{steps: 1, hooks: []Hook{told{turn: 7, log: new([]string)}}}.loop(t)
	require.ErrorContains(t, l.Run(t.Context()), "hook 1 of 1, a train.told, has the Turn 7, want")
}

// A Checkpoint without a Metric has nothing to remember, wherever it stands and however
// often; two that remember are an error.
func TestCheckpointsWithoutAMetricRememberNothing(t *testing.T) {
	dir := t.TempDir()
	average := func(l *Loop) *EMA {
		a, err := optim.NewEMA(l.Model.Params(), optim.EMAConfig{})
		require.NoError(t, err)
		return &EMA{Average: a}
	}
	l := recipe{steps: 2}.loop(t)
	l.Hooks = []Hook{&Checkpoint{Dir: dir}, &Checkpoint{Dir: t.TempDir()}, average(l)}
	require.NoError(t, l.Run(t.Context()))
	again := recipe{steps: 2}.loop(t)
	again.Hooks = []Hook{average(again)}
	require.NoError(t, again.Resume(filepath.Join(dir, "last.safetensors")))
	state, err := again.hookStates()
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(state, func(s optim.State) bool { return s.Name == "hook.checkpoint" }))

	two := recipe{steps: 1, hooks: []Hook{&Checkpoint{Dir: dir, Metric: "loss"},
		&Checkpoint{Dir: dir, Metric: "loss"}}}.loop(t)
	require.ErrorContains(t, two.Run(t.Context()), `two hooks have the key "checkpoint"`)
}
