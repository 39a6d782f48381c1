// Package train runs a model, a loss and an optimizer over a source of batches.
//
// A Loop compiles the training graph once and then repeats: next batch, run,
// update. Everything else is a Hook: logs, progress, checkpoints, early
// stopping. A run can be saved at any step and resumed bit for bit (see Save).
package train

import (
	"cmp"
	"context"
	stderrors "errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// ErrStop, returned by a Hook, ends a run that has done enough. Run then
// returns nil.
var ErrStop = stderrors.New("train: stop")

// ErrDiverged reports a loss that is NaN or infinite. The parameters are those
// from before the step.
var ErrDiverged = stderrors.New("loss is not finite")

// A Loop trains Model. Model, Loss, Optimizer, Source and Steps are required.
//
// Set the fields, Resume if there is a checkpoint, Run, Close.
type Loop struct {
	Model     layers.Layer
	Loss      losses.Loss
	Optimizer *optim.Optimizer // over all or some of Model's parameters
	Source    data.Source      // of training batches. On a device it is a batch ahead within Run
	Steps     int              // of the whole run, those before a Resume included

	Evaluator     Evaluator // nil is none
	EvaluateEvery int       // steps between evaluations; 0 is once an epoch. The last step is always evaluated

	// Chunk splits a batch that does not fit in memory: the loss and its gradient
	// are those of the whole batch, whatever the loss is, but the model sees this
	// many samples at once, for the time of one more forward pass. It must divide
	// the batch; 0 is the whole batch. A layer that looks across samples or draws
	// random numbers sees a chunk: the statistics of a batch norm, in training, are
	// those of the chunk, and those that run along move by the last chunk's.
	Chunk int

	// Settings are those of the program that the run is of, kept in checkpoints as JSON,
	// and compared by Resume but for the keys in Free. Nil is none.
	Settings any
	Free     []string

	Hooks   []Hook // called after each step, in order within their turns: EMAs before the evaluation, Checkpoints last
	Options nn.Options

	step    int
	last    data.Position // before the batch of the last step
	open    bool          // Steps is not yet known
	named   bool          // the metrics of this Run were checked
	program *nn.Program   // of the step; with chunks, of the loss
	chunked *chunked      // nil without chunks
	x, y    *tensor.Dense
	ahead   ahead
	event   Event
	probes  []string // those of one element, which are logged
}

// Step returns the number of steps taken, those before a Resume included.
func (l *Loop) Step() int {
	if l == nil {
		return 0
	}
	return l.step
}

// Program returns the compiled training graph, nil before the first Run. With
// Chunk it is the graph of the loss.
func (l *Loop) Program() *nn.Program {
	if l == nil {
		return nil
	}
	return l.program
}

// Run takes steps until l.Steps are taken, a hook returns ErrStop or ctx is
// done, in which case it returns the context's error after the step in hand.
// After an error the parameters hold their values from before the failed step.
// It may be called again, with more Steps, to go on, and with new logs in place
// of those that the end of a run closes.
//
// Hooks that are Finishers are told of its end, in the order of their turns, also where it
// did not begin.
func (l *Loop) Run(ctx context.Context) (err error) {
	if l == nil || ctx == nil {
		return errors.Errorf("train: run: the Loop is %p and the context %v, want both: context.Background() will do",
			l, ctx)
	}
	defer func() {
		if e := l.finish(err); err == nil {
			err = e
		}
	}()
	l.named = false
	if err := l.prepare(); err != nil {
		return errors.WithMessage(err, "train")
	}
	for l.step < l.Steps {
		if err := ctx.Err(); err != nil {
			return errors.Wrapf(err, "train: after step %d", l.step)
		}
		switch err := l.one(ctx); {
		case err == ErrStop:
			return nil
		case err != nil:
			return errors.WithMessagef(err, "train: after step %d", l.step)
		}
	}
	return nil
}

// one takes one step and calls the hooks.
func (l *Loop) one(ctx context.Context) error {
	at, steps := l.position(), l.Optimizer.StepCount()
	loss, err := l.update()
	if err != nil {
		if l.Optimizer.StepCount() < steps { // a device has refused the step before
			if e := l.takeBack(); e != nil {
				return errors.WithMessagef(err, "%v; and then", e)
			}
			return err
		}
		err = l.ofSample(at, err)
		l.ahead = ahead{}
		if e := l.Source.Seek(at); e != nil {
			return errors.WithMessagef(err, "%v; and then", e)
		}
		return err
	}
	l.step++
	l.last = at
	l.record(loss)
	if err := l.callHooks(BeforeEvaluation); err != nil {
		return err
	}
	if l.evaluatesNow() {
		if err := l.evaluate(ctx); err != nil {
			return errors.WithMessage(err, "evaluation")
		}
	}
	if err := l.checkMetrics(); err != nil {
		return err
	}
	if err := l.syncFor(l.Hooks); err != nil {
		return err
	}
	return l.callHooks(AfterEvaluation, AfterHooks)
}

// update runs the graph on the next batch and changes the parameters. After an
// error only the source has moved.
func (l *Loop) update() (loss float64, err error) {
	if err := l.take(); err != nil {
		return 0, errors.WithMessage(err, "next batch")
	}
	loss, grads, err := l.gradient()
	if stderrors.Is(err, nn.ErrNotFinite) || err == nil && loss-loss != 0 {
		return 0, l.diverged(loss, err)
	}
	if err != nil {
		return 0, err
	}
	if err := l.Optimizer.Step(grads); err != nil {
		return 0, err
	}
	if l.chunked != nil {
		return loss, l.chunked.sums.Commit()
	}
	l.program.Commit()
	return loss, nil
}

// gradient returns the loss of the batch and its gradient.
func (l *Loop) gradient() (loss float64, grads []*tensor.Dense, err error) {
	if l.chunked != nil {
		loss, err = l.chunked.run(l.x, l.step+1)
		return loss, l.chunked.sums.Grads(), err
	}
	l.program.SetStep(l.step + 1)
	if err := l.program.Start(); err != nil {
		return 0, nil, err
	}
	err = l.sendAhead()
	if err := cmp.Or(l.program.Wait(), err); err != nil {
		return 0, nil, err
	}
	return l.program.Loss(), l.program.Grads(), nil
}

// next fills the inputs with the next batch, of the next epoch if this one is
// over.
func (l *Loop) next() error {
	err := l.Source.Next(l.x, l.y)
	if err == io.EOF {
		err = l.Source.Next(l.x, l.y)
		if err == io.EOF {
			return errors.New("the source has no batch in an epoch: a smaller batch?")
		}
	}
	return err
}

// record stores what the step did in l.event.
func (l *Loop) record(loss float64) {
	e := &l.event
	at := l.position()
	e.Step, e.Epoch, e.Loss = l.step, int(at.Epoch), loss
	e.EpochEnd = int(at.Batch) == l.Source.Batches()
	e.Eval = nil
	e.Train = e.Train[:0]
	e.Train = append(e.Train, Metric{"loss", loss})
	for _, name := range l.probes {
		e.Train = append(e.Train, Metric{name, l.program.Scalar(name)})
	}
	e.Train = append(e.Train, Metric{"lr", l.Optimizer.LR()})
}

func (l *Loop) evaluatesNow() bool {
	switch {
	case l.Evaluator == nil:
		return false
	case l.step == l.Steps:
		return true
	case l.EvaluateEvery > 0:
		return l.step%l.EvaluateEvery == 0
	}
	return l.event.EpochEnd
}

// evaluate measures the model. It is part of the step, and of its record, so that
// a done context does not cut it short.
func (l *Loop) evaluate(ctx context.Context) (err error) {
	if err := l.sync(); err != nil {
		return err
	}
	ms, err := l.Evaluator.Evaluate(context.WithoutCancel(ctx))
	if stderrors.Is(err, nn.ErrNotFinite) {
		return errors.WithStack(fmt.Errorf("the network diverged with step %d: %w: a smaller learning rate?: %w",
			l.step, err, ErrDiverged))
	}
	if err != nil {
		return err
	}
	l.event.Eval = make([]Metric, len(ms))
	for i, m := range ms {
		l.event.Eval[i] = Metric{evaluated(m.Name), m.Value}
	}
	return nil
}

// checkMetrics reports, once a Run and as soon as all metrics are known, names that are
// there twice and those that a hook needs and nobody has.
func (l *Loop) checkMetrics() error {
	if l.named || l.Evaluator != nil && l.event.Eval == nil {
		return nil
	}
	l.named = true
	if err := l.event.checkNames(); err != nil {
		return err
	}
	for _, h := range l.Hooks {
		m, ok := h.(Monitor)
		if !ok {
			continue
		}
		for _, name := range m.Monitors() {
			if _, ok := l.event.Metric(name); !ok {
				return errors.Errorf("hook %T needs the metric %q, which is not there: there are %s", h, name,
					strings.Join(l.event.names(), ", "))
			}
		}
	}
	return nil
}

// callHooks shows the step to the hooks of some turns, also when one of them wants to
// stop.
func (l *Loop) callHooks(turns ...Turn) error {
	stop := false
	for _, now := range turns {
		for _, h := range l.Hooks {
			if turnOf(h) != now {
				continue
			}
			switch err := h.Step(&l.event); {
			case err == ErrStop:
				stop = true
			case err != nil:
				return errors.WithMessagef(err, "hook %T", h)
			}
		}
	}
	if stop {
		return ErrStop
	}
	return nil
}

// finish tells every hook that the run has ended, and returns the first error.
func (l *Loop) finish(cause error) (first error) {
	if l.program != nil {
		first = errors.WithMessage(cmp.Or(l.sync(), l.putBack()), "train")
	} else { // it did not begin
		l.event = Event{Loop: l, Step: l.step}
	}
	hooks := slices.DeleteFunc(slices.Clone(l.Hooks), func(h Hook) bool { return isNil(h) }) // as the cause says
	slices.SortStableFunc(hooks, func(a, b Hook) int { return cmp.Compare(turnOf(a), turnOf(b)) })
	for _, h := range hooks {
		f, ok := h.(Finisher)
		if !ok {
			continue
		}
		if err := f.Finish(&l.event, cause); err != nil && first == nil {
			first = errors.WithMessagef(err, "train: hook %T", h)
		}
	}
	return first
}

// Close frees the training graph.
func (l *Loop) Close() error {
	if l == nil || l.program == nil {
		return nil
	}
	if l.chunked != nil {
		return l.chunked.close()
	}
	return l.program.Close()
}
