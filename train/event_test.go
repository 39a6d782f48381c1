package train

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

func TestEvaluationsHaveNamesOfTheirOwn(t *testing.T) {
	for name, want := range map[string]string{
		"loss": "val_loss", "val_loss": "val_loss", "train_accuracy": "train_accuracy", "test_R": "test_R",
		"valley": "val_valley", "": "val_",
	} {
		require.Equal(t, want, evaluated(name))
	}
	mine := []Metric{{"loss", 7}}
	l := recipe{steps: 2}.loop(t)
	l.Evaluator, l.EvaluateEvery = evaluate(func(context.Context) ([]Metric, error) { return mine, nil }), 2
	var seen []string
	l.Hooks = []Hook{HookFunc(func(e *Event) error {
		batch, ok := e.Metric("loss")
		require.True(t, ok)
		require.Equal(t, e.Loss, batch, "the batch's")
		if v, ok := e.Metric("val_loss"); ok {
			require.Equal(t, 7.0, v)
			seen = append(seen, strings.Join(e.names(), " "))
		}
		return nil
	})}
	require.NoError(t, l.Run(t.Context()))
	require.Equal(t, []string{"loss R Rc delta_R lr val_loss"}, seen)
	require.Equal(t, "loss", mine[0].Name, "the evaluator's own")
}

// The best of four evaluations that get better is the last, whatever batches do.
func TestTheBestIsChosenAmongEvaluations(t *testing.T) {
	for _, metric := range []string{"val_loss", "loss"} {
		dir, n := t.TempDir(), 0.0
		stop := &EarlyStop{Metric: metric, Lower: true, Patience: 4}
		l := recipe{steps: 20, loss: losses.CrossEntropy{},
			hooks: []Hook{stop, &Checkpoint{Dir: dir, Metric: metric, Lower: true}}}.loop(t)
		l.Evaluator, l.EvaluateEvery = evaluate(func(context.Context) ([]Metric, error) {
			n++
			return []Metric{{"loss", 6 - n}}, nil
		}), 5
		require.NoError(t, l.Run(t.Context()))
		require.Equal(t, 20, l.Step())
		f, err := safetensors.ReadFile(filepath.Join(dir, "best.safetensors"))
		require.NoError(t, err)
		at, err := safetensors.Get[int64](f, positionName, 3)
		require.NoError(t, err)
		require.Zero(t, at[0]%5, "a step with an evaluation")
		if metric == "val_loss" {
			require.EqualValues(t, 20, at[0])
			require.Equal(t, []float64{2, 0}, stop.State())
		}
	}
}

func TestAMetricThatNeverAppearsIsAnError(t *testing.T) {
	for _, h := range []Hook{
		&EarlyStop{Metric: "accuracy", Patience: 2}, &Checkpoint{Dir: t.TempDir(), Metric: "accuracy"},
		&Progress{Out: io.Discard, Show: []string{"loss", "accuracy"}}, &EarlyStop{Metric: "norm", Patience: 2},
	} {
		l := recipe{steps: 9, loud: true, hooks: []Hook{h}}.loop(t)
		err := l.Run(t.Context())
		require.ErrorContains(t, err, "which is not there: there are loss, R, Rc, delta_R, lr, val_norm")
		require.Equal(t, 3, l.Step(), "at the first evaluation")
		l = recipe{steps: 9, hooks: []Hook{h}}.loop(t)
		require.ErrorContains(t, l.Run(t.Context()), "which is not there: there are loss, R, Rc, delta_R, lr")
		require.Equal(t, 1, l.Step(), "without an Evaluator at the first step")
	}
}

// A loss of a user's own may probe what it likes, but not what is there.
func TestTwoMetricsOfOneNameAreRefused(t *testing.T) {
	for _, name := range []string{"loss", "lr", "step", "epoch", "split", "val_norm"} {
		l := recipe{steps: 3, loud: true, loss: probing(name)}.loop(t)
		require.ErrorContains(t, l.Run(t.Context()), `a metric is named "`+name+`"`)
	}
}

// probing is a loss with a probe of that name.
type probing string

func (p probing) Loss(g *nn.Graph, out, y *gorgonia.Node) (*gorgonia.Node, error) {
	loss, err := nn.CrossEntropy(out, y, 0)
	if err != nil {
		return nil, err
	}
	return loss, g.Probe(string(p), loss)
}

// broken takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestATerminalThatFailsEndsNothing(t *testing.T) {
	l := recipe{steps: 5, hooks: []Hook{&Progress{Out: broken{}, Lines: 5}}}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	s := &Status{Out: broken{}}
	s.Show("hello")
	s.Clear()
}

func TestHooksAreToldOfARunThatDidNotBegin(t *testing.T) {
	dir := t.TempDir()
	end := &ending{}
	l := recipe{steps: 3, hooks: []Hook{end, &Checkpoint{Dir: dir}, &Progress{Out: io.Discard}}}.loop(t)
	l.Loss = losses.MCR2{Classes: classes, Eps2: -1}
	err := l.Run(t.Context())
	require.ErrorContains(t, err, "Eps2 is -1")
	require.ErrorIs(t, end.cause, errors.Unwrap(err))
	require.NoFileExists(t, filepath.Join(dir, "last.safetensors"), "of a run that did not begin")
}
