package train

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// events shows a hook the evaluations of a metric "v", a step each, and returns
// the step at which it wanted to stop.
func events(t *testing.T, h Hook, values ...float64) (stopped int) {
	t.Helper()
	for i, v := range values {
		err := h.Step(&Event{Step: i + 1, Eval: []Metric{{"v", v}}})
		if err == ErrStop {
			return i + 1
		}
		require.NoError(t, err)
	}
	return 0
}

func TestEarlyStopWaitsForPatience(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		stop   EarlyStop
		values []float64
		want   int
	}{
		{"rises for ever", EarlyStop{Patience: 2}, []float64{1, 2, 3, 4, 5}, 0},
		{"falls at once", EarlyStop{Patience: 2}, []float64{5, 4, 3}, 3},
		{"lower is better", EarlyStop{Patience: 2, Lower: true}, []float64{5, 4, 4, 4}, 4},
		{"recovers in time", EarlyStop{Patience: 2}, []float64{1, 0, 2, 1, 1}, 5},
		{"too little", EarlyStop{Patience: 2, MinDelta: 0.5}, []float64{1, 1.4, 1.5}, 3},
		{"just enough", EarlyStop{Patience: 2, MinDelta: 0.5}, []float64{1, 1.4, 1.6, 1.7}, 0},
		{"too little, lower", EarlyStop{Patience: 2, MinDelta: 0.5, Lower: true}, []float64{1, 0.6, 0.5}, 3},
		{"NaN first", EarlyStop{Patience: 3}, []float64{nan, 1, 2, nan, nan, nan}, 6},
		{"only NaN", EarlyStop{Patience: 3}, []float64{nan, nan, nan}, 3},
	} {
		c.stop.Metric = "v"
		require.Equal(t, c.want, events(t, &c.stop, c.values...), c.name)
	}
	other := &EarlyStop{Metric: "other", Patience: 1}
	require.Zero(t, events(t, other, 1, 0, 0, 0), "a step without the metric counts for nothing")
	require.ErrorContains(t, (&EarlyStop{Metric: "v"}).Step(&Event{}), "patience of 0")
}

func TestCheckpointsLieWhereTheyShould(t *testing.T) {
	dir := t.TempDir()
	norms := map[int]float64{}
	watch := HookFunc(func(e *Event) error {
		if v, ok := e.Metric("val_norm"); ok {
			norms[e.Step] = v
		}
		return nil
	})
	l := recipe{steps: 8, loud: true, hooks: []Hook{&Checkpoint{Dir: dir, Every: 4, Keep: true, Metric: "val_norm"},
		watch}}.loop(t)
	l.EvaluateEvery = 1
	require.NoError(t, l.Run(t.Context()))
	best := 1
	for step := range 9 {
		if norms[step] > norms[best] {
			best = step
		}
	}
	for name, want := range map[string]int{"best": best, "last": 8, "step-4": 4, "step-8": 8} {
		f, err := safetensors.ReadFile(filepath.Join(dir, name+".safetensors"))
		require.NoError(t, err)
		at, err := safetensors.Get[int64](f, "train.position", 3)
		require.NoError(t, err)
		require.EqualValues(t, want, at[0], name)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 4)
}

func TestCheckpointKeepsTheBest(t *testing.T) {
	for _, c := range []struct {
		lower  bool
		values []float64
		want   string
	}{
		{false, []float64{1, 3, 2, math.NaN(), 3}, "1 3"},
		{true, []float64{math.NaN(), 3, 1, 2}, "3 1"},
	} {
		dir := t.TempDir()
		l := recipe{steps: 1}.loop(t)
		h, saved := &Checkpoint{Dir: dir, Metric: "v", Lower: c.lower}, []string(nil)
		for i, v := range c.values {
			require.NoError(t, h.Step(&Event{Loop: l, Step: i + 1, Eval: []Metric{{"v", v}}}))
			if path := filepath.Join(dir, "best.safetensors"); os.Remove(path) == nil {
				saved = append(saved, fmt.Sprint(v))
			}
		}
		require.Equal(t, c.want, strings.Join(saved, " "))
		again := &Checkpoint{}
		require.NoError(t, again.Restore(h.State()))
		require.Equal(t, h.best, again.best)
	}
	fresh := &Checkpoint{}
	require.NoError(t, fresh.Restore((&Checkpoint{}).State()))
	require.False(t, fresh.known)
}

// Wherever it stands among the hooks.
func TestACheckpointHoldsTheStateOfTheOtherHooks(t *testing.T) {
	dir := t.TempDir()
	l := recipe{steps: 3, hooks: []Hook{&Checkpoint{Dir: dir, Every: 2, Keep: true},
		&EarlyStop{Metric: "lr", Patience: 9}}}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	f, err := safetensors.ReadFile(filepath.Join(dir, "step-2.safetensors"))
	require.NoError(t, err)
	waits, err := safetensors.Get[float64](f, "hook.earlystop.lr", 2)
	require.NoError(t, err)
	require.Equal(t, 1.0, waits[1], "the rate fell once, at step 2")
}

// Whatever ends a run, last.safetensors goes on from there.
func TestAnInterruptedRunLeavesACheckpoint(t *testing.T) {
	dir := t.TempDir()
	last := filepath.Join(dir, "last.safetensors")
	r := recipe{steps: 10, adam: true}
	whole := r.loop(t)
	require.NoError(t, whole.Run(t.Context()))

	ctx, cancel := context.WithCancel(t.Context())
	r.hooks = []Hook{&Checkpoint{Dir: dir}, HookFunc(func(e *Event) error {
		if e.Step == 7 {
			cancel()
		}
		return nil
	})}
	require.ErrorIs(t, r.loop(t).Run(ctx), context.Canceled)
	r.hooks = nil
	rest := r.loop(t)
	rest.Hooks = []Hook{&Checkpoint{Dir: dir}}
	require.NoError(t, rest.Resume(last))
	require.Equal(t, 7, rest.Step())
	require.NoError(t, rest.Run(t.Context()))
	require.Equal(t, weights(t, whole), weights(t, rest))
}

func TestCheckpointThatCannotBeWritten(t *testing.T) {
	l := recipe{steps: 2, hooks: []Hook{&Checkpoint{Dir: filepath.Join(t.TempDir(), "none"), Every: 1}}}.loop(t)
	err := l.Run(t.Context())
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "hook *train.Checkpoint: train: save")
}

func TestProgressWritesAFewLines(t *testing.T) {
	var b bytes.Buffer
	require.False(t, IsTerminal(&b))
	l := recipe{steps: 20, loud: true, hooks: []Hook{&Progress{Out: &b, Name: "run",
		Show: []string{"delta_R", "val_norm"}, Lines: 4}}}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Len(t, lines, 4, b.String())
	for i, line := range lines {
		end := `  [0-9.ms]+ left$`
		if i == 3 {
			end = `  took [0-9.ms]+$`
		}
		require.Regexp(t, fmt.Sprintf(`^run step %d of 20 \(%d %%\)  delta_R [0-9.]+  val_norm [0-9.]+%s`, 5*(i+1),
			25*(i+1), end), line)
	}
}
