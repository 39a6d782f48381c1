package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

func (n *norms) Evaluate(ctx context.Context) ([]Metric, error) {
	out, err := n.c.Collect(ctx, n.set)
	if err != nil {
		return nil, err
	}
	rows, _ := out[0].Dims()
	return []Metric{{"norm", mat.Norm(out[0], 2) / math.Sqrt(float64(rows))}}, nil
}

func TestTrainingLowersTheLoss(t *testing.T) { Everywhere(t, testTrainingLowersTheLoss) }

func testTrainingLowersTheLoss(t *testing.T, o nn.Options) {
	for name, loss := range map[string]losses.Loss{"MCR2": nil, "cross-entropy": losses.CrossEntropy{}} {
		var first, last float64
		watch := HookFunc(func(e *Event) error {
			if e.Step == 1 {
				first = e.Loss
			}
			last = e.Loss
			return nil
		})
		l := recipe{options: o, loss: loss, steps: 60, adam: true, hooks: []Hook{watch}}.loop(t)
		require.NoError(t, l.Run(t.Context()))
		require.Less(t, last, first-0.1, name)
		require.Equal(t, 60, l.Step())
	}
}

// One step of SGD on MSE is p − lr·∂L/∂p, worked out by hand: y = wx + b.
func TestOneStepIsGradientDescent(t *testing.T) { Everywhere(t, testOneStepIsGradientDescent) }

func testOneStepIsGradientDescent(t *testing.T, o nn.Options) {
	set, err := data.NewPairs([]float64{1, 2}, []int{1}, []float64{3, 7}, 1)
	require.NoError(t, err)
	source, err := data.NewBatches(set, data.BatchConfig{Size: 2})
	require.NoError(t, err)
	w, err := nn.NewParam("w", tensor.Float64, 1, 1)
	require.NoError(t, err)
	w.Value.Float64s()[0] = 2
	opt, err := optim.NewSGD([]*nn.Param{w}, optim.Constant(0.1), optim.SGD{})
	require.NoError(t, err)
	l := &Loop{Model: line{w}, Loss: losses.MSE{}, Optimizer: opt, Source: source, Steps: 1, Options: o}
	defer func() { require.NoError(t, l.Close()) }()
	var seen []Metric
	l.Hooks = []Hook{HookFunc(func(e *Event) error { seen = append(seen, e.Train...); return nil })}
	require.NoError(t, l.Run(t.Context()))
	// residuals −1 and −3, L = (1 + 9)/2, ∂L/∂w = (2/2)(−1·1 − 3·2) = −7
	require.InDelta(t, 2.7, w.Value.Float64s()[0], 1e-15)
	require.Equal(t, []Metric{{"loss", 5}, {"mse", 5}, {"lr", 0.1}}, seen)
}

// line is y = wx.
type line struct{ w *nn.Param }

func (l line) Params() []*nn.Param { return []*nn.Param{l.w} }

func (l line) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	w, err := g.Bind(l.w)
	if err != nil {
		return nil, err
	}
	return nn.Linear(x, w, nil)
}

// The steady state: next batch, forward, backward, update, record, hooks.
func TestAStepAllocatesNothing(t *testing.T) { Everywhere(t, testAStepAllocatesNothing) }

func testAStepAllocatesNothing(t *testing.T, o nn.Options) {
	for _, r := range []recipe{
		{options: o, steps: 1000, adam: true}, {options: o, steps: 1000}, {options: o, steps: 1000, dt: tensor.Float64,
			adam: true},
		{options: o, steps: 1000, loss: losses.CrossEntropy{LabelSmoothing: 0.1}, adam: true},
	} {
		log, err := NewJSONL(filepath.Join(t.TempDir(), "log"), 1)
		require.NoError(t, err)
		r.hooks = []Hook{log, &EarlyStop{Metric: "loss", Lower: true, Patience: 1000},
			&Progress{Out: io.Discard, Lines: 1}}
		l := r.loop(t)
		require.NoError(t, l.prepare())
		step := func() {
			if err := l.one(t.Context()); err != nil {
				panic(err)
			}
		}
		for range 5 {
			step()
		}
		require.Zero(t, allocs(o, 50, step), "%+v", r)
	}
}

func TestOneTwoAndEightWorkersTakeTheSameSteps(t *testing.T) {
	var want [][]float64
	for _, workers := range []int{1, 2, 8} {
		l := recipe{steps: 12, adam: true}.loop(t)
		l.Options.Workers = workers
		require.NoError(t, l.Run(t.Context()))
		if want == nil {
			want = weights(t, l)
		}
		require.Equal(t, want, weights(t, l), "%d workers", workers)
	}
}

func TestEpochsAndEvaluations(t *testing.T) { Everywhere(t, testEpochsAndEvaluations) }

func testEpochsAndEvaluations(t *testing.T, o nn.Options) {
	type at struct {
		step, epoch int
		end, eval   bool
	}
	for every, want := range map[int][]at{
		0: {{1, 0, false, false}, {2, 0, true, true}, {3, 1, false, false}, {4, 1, true, true}, {5, 2, false, true}},
		2: {{1, 0, false, false}, {2, 0, true, true}, {3, 1, false, false}, {4, 1, true, true}, {5, 2, false, true}},
		3: {{1, 0, false, false}, {2, 0, true, false}, {3, 1, false, true}, {4, 1, true, false}, {5, 2, false, true}},
	} {
		var got []at
		watch := HookFunc(func(e *Event) error {
			_, ok := e.Metric("val_norm")
			got = append(got, at{e.Step, e.Epoch, e.EpochEnd, ok})
			return nil
		})
		l := recipe{options: o, steps: 5, hooks: []Hook{watch}, loud: true}.loop(t)
		l.EvaluateEvery = every
		require.NoError(t, l.Run(t.Context()))
		require.Equal(t, want, got, "every %d", every)
	}
}

// With a learning rate of 0 and one batch an epoch only dropout sets steps apart.
func TestDropoutDrawsAnewAtEachStep(t *testing.T) { Everywhere(t, testDropoutDrawsAnewAtEachStep) }

func testDropoutDrawsAnewAtEachStep(t *testing.T, o nn.Options) {
	r := recipe{options: o, steps: 3}
	losses := make(map[float64]bool)
	r.hooks = []Hook{HookFunc(func(e *Event) error { losses[e.Loss] = true; return nil })}
	l := r.loop(t)
	var err error
	l.Optimizer, err = optim.NewSGD(l.Model.Params(), optim.Constant(0), optim.SGD{})
	require.NoError(t, err)
	l.Source, err = data.NewBatches(gaussians(t, 1), data.BatchConfig{Size: 60})
	require.NoError(t, err)
	require.NoError(t, l.Run(t.Context()))
	require.Len(t, losses, 3)
}

// An evaluation is part of its step: a context that is done meanwhile ends the
// run after it.
func TestAnEvaluationIsNotCutShort(t *testing.T) { Everywhere(t, testAnEvaluationIsNotCutShort) }

func testAnEvaluationIsNotCutShort(t *testing.T, o nn.Options) {
	ctx, cancel := context.WithCancel(t.Context())
	l := recipe{options: o, steps: 10}.loop(t)
	l.EvaluateEvery = 2
	var seen int
	l.Evaluator = evaluate(func(ctx context.Context) ([]Metric, error) {
		cancel()
		return []Metric{{"v", 1}}, ctx.Err()
	})
	l.Hooks = []Hook{HookFunc(func(e *Event) error { seen += len(e.Eval); return nil })}
	require.ErrorContains(t, l.Run(ctx), "train: after step 2: context canceled")
	require.Equal(t, 1, seen)
}

type evaluate func(context.Context) ([]Metric, error)

func (f evaluate) Evaluate(ctx context.Context) ([]Metric, error) { return f(ctx) }

// A done context ends the run after the step in hand, and Finish is told.
func TestADoneContextEndsTheRun(t *testing.T) { Everywhere(t, testADoneContextEndsTheRun) }

func testADoneContextEndsTheRun(t *testing.T, o nn.Options) {
	ctx, cancel := context.WithCancel(t.Context())
	end := &ending{}
	stop := HookFunc(func(e *Event) error {
		if e.Step == 3 {
			cancel()
		}
		return nil
	})
	l := recipe{options: o, steps: 10, hooks: []Hook{stop, end}, loud: true}.loop(t)
	err := l.Run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "train: after step 3")
	require.Equal(t, 3, l.Step())
	require.Equal(t, 3, end.step)
	require.ErrorIs(t, end.cause, context.Canceled)
}

// ending is a hook that notes how the run ended.
type ending struct {
	step, calls int
	cause       error
}

func (e *ending) Step(*Event) error { e.calls++; return nil }

func (e *ending) Finish(ev *Event, cause error) error {
	e.step, e.cause = ev.Step, cause
	return nil
}

func TestHooksStopTheRunWellOrBadly(t *testing.T) { Everywhere(t, testHooksStopTheRunWellOrBadly) }

func testHooksStopTheRunWellOrBadly(t *testing.T, o nn.Options) {
	after := &ending{}
	stop := HookFunc(func(e *Event) error {
		if e.Step == 2 {
			return ErrStop
		}
		return nil
	})
	l := recipe{options: o, steps: 10, hooks: []Hook{stop, after}}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	require.Equal(t, 2, l.Step())
	require.Equal(t, 2, after.calls, "a hook after the one that stops sees the last step")
	require.Equal(t, data.Position{Batch: 2}, l.Source.Position(), "no batch is lost that was taken ahead")
	require.NoError(t, after.cause)

	full := errors.New("disk full")
	l = recipe{options: o, steps: 10, hooks: []Hook{HookFunc(func(*Event) error { return full }), after}}.loop(t)
	err := l.Run(t.Context())
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "train: after step 1: hook train.HookFunc")
	require.ErrorIs(t, after.cause, full)
}

// Parameters, optimizer and source are then where they were before the step.
func TestDivergenceChangesNothing(t *testing.T) { Everywhere(t, testDivergenceChangesNothing) }

func testDivergenceChangesNothing(t *testing.T, o nn.Options) {
	l := recipe{options: o, steps: 50, loss: losses.CrossEntropy{}}.loop(t)
	l.Steps = 2
	require.NoError(t, l.Run(t.Context()))
	p := l.Model.Params()[0].Value.Float32s()
	p[0] = float32(math.NaN())
	want, at := fmt.Sprint(weights(t, l)), l.Source.Position()

	l.Steps = 3
	err := l.Run(t.Context())
	require.ErrorIs(t, err, ErrDiverged)
	require.ErrorContains(t, err,
		"train: after step 2: diverged at step 3, and the parameters are those before it: the loss is NaN")
	require.Equal(t, want, fmt.Sprint(weights(t, l)))
	require.Equal(t, at, l.Source.Position())
	require.Equal(t, 2, l.Step())
	require.Equal(t, 2, l.Optimizer.StepCount())
}

// A batch that cannot be had ends the run after the steps before it, also where it
// is taken ahead of its step.
func TestABatchThatFailsIsOfItsStep(t *testing.T) { Everywhere(t, testABatchThatFailsIsOfItsStep) }

func testABatchThatFailsIsOfItsStep(t *testing.T, o nn.Options) {
	l := recipe{options: o, steps: 10}.loop(t)
	good := l.Source
	l.Source = &failing{Source: good, after: 2}
	require.ErrorContains(t, l.Run(t.Context()), "train: after step 2: next batch: no more")
	require.Equal(t, 2, l.Step())
	require.Equal(t, data.Position{Batch: 2}, good.Position())
	l.Source, l.Steps = good, 4
	require.NoError(t, l.Run(t.Context()))
	whole := recipe{options: o, steps: 4}.loop(t)
	require.NoError(t, whole.Run(t.Context()))
	require.Equal(t, weights(t, whole), weights(t, l))
}

// failing is a source that fails after some batches.
type failing struct {
	data.Source
	after int
}

func (f *failing) Next(x, y *tensor.Dense) error {
	if f.after--; f.after < 0 {
		return errors.New("no more")
	}
	return f.Source.Next(x, y)
}

func TestDivergenceStop(t *testing.T) {
	l := recipe{steps: 5, loss: losses.CrossEntropy{}, hooks: []Hook{DivergenceStop{Limit: 1e-3}}}.loop(t)
	err := l.Run(t.Context())
	require.ErrorIs(t, err, ErrDiverged)
	require.ErrorContains(t, err, "above the limit of 0.001")
	require.NoError(t, recipe{steps: 5, loss: losses.CrossEntropy{}, hooks: []Hook{DivergenceStop{Limit: 1e3}}}.loop(
		t).Run(t.Context()))
}

func TestBadLoops(t *testing.T) { Everywhere(t, testBadLoops) }

func testBadLoops(t *testing.T, o nn.Options) {
	for want, spoil := range map[string]func(*Loop){
		"no Model":           func(l *Loop) { l.Model = nil },
		"no Source":          func(l *Loop) { l.Source = nil },
		"Steps is 0":         func(l *Loop) { l.Steps = 0 },
		"EvaluateEvery is -": func(l *Loop) { l.EvaluateEvery = -1 },
		"losses: MCR2":       func(l *Loop) { l.Loss = losses.MCR2{Classes: classes, Eps2: -1} },
		"label of sample":    func(l *Loop) { l.Loss = losses.MCR2{Classes: 2} },
	} {
		l := recipe{options: o, steps: 3}.loop(t)
		before := weights(t, l)
		spoil(l)
		err := l.Run(t.Context())
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "train")
		if l.Model != nil {
			require.Equal(t, before, weights(t, l))
		}
	}
}

// The same rows whatever the batch, the last of which is not full.
func TestPredictorTakesSamplesInTheirOrder(t *testing.T) {
	l := recipe{steps: 1}.loop(t)
	set := gaussians(t, 4)
	var want *mat.Dense
	for _, size := range []int{1, 7, 60, 100} {
		c, err := NewPredictor(func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
			y, err := l.Model.Forward(g, x)
			return gorgonia.Nodes{y, x}, err
		}, tensor.Float32, size, []int{5}, nn.Options{})
		require.NoError(t, err)
		out, err := c.Collect(t.Context(), set)
		require.NoError(t, err)
		require.Len(t, out, 2)
		if want == nil {
			want = out[0]
		}
		require.True(t, mat.EqualApprox(want, out[0], 1e-6), "batches of %d", size)
		row, err := set.Row(nil, 59)
		require.NoError(t, err)
		require.InDeltaSlice(t, row, out[1].RawRowView(59), 1e-6)
		require.NoError(t, c.Close())
	}
}

func TestBadPredictors(t *testing.T) {
	ok := func(_ *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) { return gorgonia.Nodes{x}, nil }
	_, err := NewPredictor(ok, tensor.Float32, 0, []int{5}, nn.Options{})
	require.ErrorContains(t, err, "batch of 0")
	_, err = NewPredictor(ok, tensor.Float32, 2, []int{5, 1, 1}, nn.Options{})
	require.ErrorContains(t, err, "want 2×d")
	_, err = NewPredictor(func(*nn.Graph, *gorgonia.Node) (gorgonia.Nodes, error) { return nil, io.ErrUnexpectedEOF },
		tensor.Float32, 2, []int{5}, nn.Options{})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	c, err := NewPredictor(ok, tensor.Float32, 2, []int{4}, nn.Options{})
	require.NoError(t, err)
	_, err = c.Collect(t.Context(), gaussians(t, 1))
	require.ErrorContains(t, err, "train: collect")
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Collect(done, gaussians(t, 1))
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, c.Close())
}
