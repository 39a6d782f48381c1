package train

import (
	"context"
	"fmt"
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

// Whatever a field holds, each method returns an error that says which field it is.
func TestOddLoopsReport(t *testing.T) {
	var nobody *Loop
	require.Error(t, nobody.Run(t.Context()))
	require.Error(t, nobody.Save(""))
	require.Error(t, nobody.Resume(""))
	require.NoError(t, nobody.Close())
	require.Zero(t, nobody.Step())
	require.Nil(t, nobody.Program())
	path := filepath.Join(t.TempDir(), "run.safetensors")
	for field, l := range map[string]*Loop{
		"no Model":     {},
		"no Loss":      {Model: layers.ReLU{}},
		"no Optimizer": {Model: layers.ReLU{}, Loss: losses.MSE{}},
		"no Source":    {Model: layers.ReLU{}, Loss: losses.MSE{}, Optimizer: &optim.Optimizer{}},
	} {
		require.NoError(t, l.Close())
		_, err := l.Description()
		for _, err := range []error{err, l.Save(path), l.Resume(path), l.Run(t.Context())} {
			require.ErrorContains(t, err, field)
		}
		require.NoFileExists(t, path)
	}
	good := recipe{steps: 2}.loop(t)
	require.NoError(t, good.Save(path))
	for name, c := range map[string]struct {
		spoil func(l *Loop)
		want  string
	}{
		"nil model pointer":    {func(l *Loop) { l.Model = (*models.MLP)(nil) }, "no Model"},
		"nil loss pointer":     {func(l *Loop) { l.Loss = (*mine)(nil) }, "no Loss"},
		"an optimizer of none": {func(l *Loop) { l.Optimizer = &optim.Optimizer{} }, "Optimizer"},
		"a source of none":     {func(l *Loop) { l.Source = &data.Batches{} }, "batch of 0"},
		"a huge batch":         {func(l *Loop) { l.Source = huge{l.Source} }, "at most"},
		"no steps":             {func(l *Loop) { l.Steps = 0 }, "Steps is 0"},
		"fewest steps":         {func(l *Loop) { l.Steps = math.MinInt }, "Steps is -"},
		"seldom evaluations":   {func(l *Loop) { l.EvaluateEvery = math.MinInt }, "EvaluateEvery is -"},
		"chunks below 0":       {func(l *Loop) { l.Chunk = -3 }, "chunks of -3"},
		"huge chunks":          {func(l *Loop) { l.Chunk = math.MaxInt }, "divides the batch of 24"},
		"nil hook":             {func(l *Loop) { l.Hooks = []Hook{nil} }, "hook 1 of 1 is nil"},
		"nil hook pointer": {func(l *Loop) { l.Hooks = []Hook{&EarlyStop{}, (*Checkpoint)(nil)} },
			"hook 2 of 2 is nil"},
		"nil hook function":     {func(l *Loop) { l.Hooks = []Hook{HookFunc(nil)} }, "hook 1 of 1 is nil"},
		"nil evaluator pointer": {func(l *Loop) { l.Evaluator = (*SparseEval)(nil) }, "Evaluator is a nil"},
		"evaluator of none":     {func(l *Loop) { l.Evaluator = &SparseEval{} }, "evaluation"},
		"averages of none":      {func(l *Loop) { l.Hooks = []Hook{&EMA{}} }, "no Average"},
		"log of none":           {func(l *Loop) { l.Hooks = []Hook{&JSONL{}} }, "NewJSONL"},
		"table of none":         {func(l *Loop) { l.Hooks = []Hook{&CSV{}} }, "NewCSV"},
		"patience of none":      {func(l *Loop) { l.Hooks = []Hook{&EarlyStop{Metric: "loss"}} }, "patience of 0"},
		"settings of no JSON": {func(l *Loop) {
			l.Settings = math.NaN()
			l.Hooks = []Hook{
				&Checkpoint{Dir: t.TempDir()}}
		}, "unsupported value"},
	} {
		l := recipe{steps: 2}.loop(t)
		l.EvaluateEvery = 1
		c.spoil(l)
		err := l.Run(t.Context())
		require.Error(t, err, name)
		require.ErrorContains(t, err, c.want, name)
		require.NoError(t, l.Close(), name)
	}
	l := recipe{steps: 2}.loop(t)
	var none context.Context
	require.ErrorContains(t, l.Run(none), "context")
	l.Options.Workers = -5
	l.EvaluateEvery = math.MaxInt
	if err := l.Run(t.Context()); err != nil {
		require.ErrorContains(t, err, "workers")
	}
}

// huge is a source of batches that no memory holds.
type huge struct{ data.Source }

func (huge) BatchSize() int { return math.MaxInt }

func TestOddPredictorsReport(t *testing.T) {
	out := Output(layers.ReLU{})
	for want, make := range map[string]func() (*Predictor, error){
		"the Forward is nil": func() (*Predictor, error) {
			return NewPredictor(nil, tensor.Float32, 1, []int{1},
				nn.Options{})
		},
		"dtype int": func() (*Predictor, error) {
			return NewPredictor(out, tensor.Int, 1, []int{1},
				nn.Options{})
		},
		"batch of 0": func() (*Predictor, error) {
			return NewPredictor(out, tensor.Float32, 0, []int{1},
				nn.Options{})
		},
		"shape [-1]": func() (*Predictor, error) {
			return NewPredictor(out, tensor.Float32, 1, []int{-1},
				nn.Options{})
		},
		"at most 2147483648 num": func() (*Predictor, error) {
			return NewPredictor(out, tensor.Float32, 1<<30, []int{1 << 40}, nn.Options{})
		},
		"no layer": func() (*Predictor, error) {
			return NewPredictor(Output(nil), tensor.Float32, 1, []int{1}, nn.Options{})
		},
	} {
		_, err := make()
		require.ErrorContains(t, err, want)
	}
	c, err := NewPredictor(out, tensor.Float32, 2, []int{5}, nn.Options{})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Collect(t.Context(), nil)
	require.ErrorContains(t, err, "no set")
	_, err = (&Predictor{}).Collect(t.Context(), gaussians(t, 1))
	require.ErrorContains(t, err, "NewPredictor")
	require.NoError(t, (&Predictor{}).Close())
	var none context.Context
	_, err = c.Collect(none, gaussians(t, 1))
	require.ErrorContains(t, err, "context")
}

// States of another length are refused, and change nothing.
func TestShortStatesAreRefused(t *testing.T) {
	for _, state := range [][]float64{nil, {}, {1}, {1, 2, 3}, {1, math.NaN()}, {1, -1}, {1, 1e300}} {
		s := &EarlyStop{Metric: "loss", Patience: 1}
		require.Error(t, s.Restore(state), fmt.Sprint(state))
		require.True(t, math.IsNaN(s.State()[0]))
	}
	for _, state := range [][]float64{nil, {}, {1, 2}} {
		c := &Checkpoint{Metric: "loss"}
		require.Error(t, c.Restore(state))
		require.False(t, c.known)
	}
}
