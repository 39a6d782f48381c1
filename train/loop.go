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
	"math"

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

// A Loop trains Model. Model, Loss, Optimizer, Source, and Steps or Epochs, are required; the zero value of each
// other field is the usual choice.
//
// Set the fields, Resume if there is a checkpoint, Run, Close.
type Loop struct {
	Model     layers.Layer
	Loss      losses.Loss      // a losses.Weigher where the samples of Source have weights
	Optimizer *optim.Optimizer // over all or some of Model's parameters
	Source    data.Source      // of training batches. On a device it is a batch ahead within Run
	Steps     int              // of the whole run, those before a Resume included; 0 is by Epochs
	Epochs    int              // of the whole run; 0 is by Steps. With both the run ends with the first that is reached

	Evaluator     Evaluator // nil is none
	EvaluateEvery int       // steps between evaluations; 0 is once an epoch. The last step is always evaluated

	FastDevRun     bool // one step and one evaluation: does everything fit together?
	OverfitBatches int  // train on the first so many batches alone, in their first order; 0 is on all

	// Chunk splits a batch that does not fit in memory: the loss and its gradient
	// are those of the whole batch, whatever the loss is, but the model sees this
	// many samples at once, for the time of one more forward pass. It must divide
	// the batch; 0 is the whole batch, and a short last batch is split by the largest
	// divisor up to it. A layer that looks across samples or draws
	// random numbers sees a chunk: the statistics of a batch norm, in training, are
	// those of the chunk, and the running statistics move by those of the last chunk.
	Chunk int

	// Settings are those of the program that the run is of, kept in checkpoints as JSON,
	// and compared by Resume but for the keys in Free. Nil is none.
	Settings any
	Free     []string

	Hooks   []Hook // called after each step, in order within their turns: EMAs before the evaluation, Checkpoints last
	Options nn.Options

	step   int
	last   data.Position      // before the batch of the last step
	open   bool               // Steps is not yet known
	named  bool               // the metrics of this Run were checked
	few    *data.FirstBatches // of OverfitBatches
	graph  *stepGraph         // of the batch in hand; nil before the first Run
	graphs []*stepGraph       // of whole batches, and of a short last one
	ahead  ahead
	event  Event
	probes []string // those of one element, which are logged
}

// Step returns the number of steps taken, those before a Resume included.
func (l *Loop) Step() int {
	if l == nil {
		return 0
	}
	return l.step
}

// TotalSteps returns the number of steps of the whole run: Steps, or the steps of Epochs, or the smaller of the two;
// 1 for a FastDevRun; 0 for a Loop that sets neither.
func (l *Loop) TotalSteps() int {
	if l == nil {
		return 0
	}
	total := max(l.Steps, 0)
	if n := l.batches(); l.Epochs > 0 && n > 0 {
		epochs := math.MaxInt
		if l.Epochs <= math.MaxInt/n {
			epochs = l.Epochs * n
		}
		if total == 0 || epochs < total {
			total = epochs
		}
	}
	if l.FastDevRun {
		return min(total, 1)
	}
	return total
}

// batches returns the number of batches of an epoch.
func (l *Loop) batches() int {
	if isNil(l.Source) {
		return 0
	}
	n := l.Source.Batches()
	if l.OverfitBatches > 0 {
		n = min(n, l.OverfitBatches)
	}
	return n
}

// source returns Source, or the first of its batches where they are asked for.
func (l *Loop) source() data.Source {
	if l.few != nil {
		return l.few
	}
	return l.Source
}

// Program returns the compiled training graph of the last step, nil before the first Run. With
// Chunk it is the graph of the loss.
func (l *Loop) Program() *nn.Program {
	if l == nil || l.graph == nil {
		return nil
	}
	return l.graph.program
}

// Run takes steps until TotalSteps are taken, a hook returns ErrStop or ctx is done, in which case it returns the
// context's error after the step in hand. After an error the parameters hold their values from before the failed
// step. It may be called again to go on, with more Steps, and with new logs in place of those that the end of a run
// closes.
//
// Hooks that are Finishers are told of its end, in the order of their turns, even if it did not begin.
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
	for total := l.TotalSteps(); l.step < total; {
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
		if e := l.source().Seek(at); e != nil {
			return errors.WithMessagef(err, "%v; and then", e)
		}
		return err
	}
	l.step++
	l.last = at
	l.record(loss)
	if err := Hooks(l.Hooks).show(&l.event, BeforeEvaluation); err != nil {
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
	return Hooks(l.Hooks).show(&l.event, AfterEvaluation, AfterHooks)
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
	return loss, l.graph.commit()
}

// gradient returns the loss of the batch and its gradient.
func (l *Loop) gradient() (loss float64, grads []*tensor.Dense, err error) {
	g := l.graph
	if g.chunked != nil {
		loss, err = g.chunked.run(g.x, l.step+1)
		return loss, g.chunked.sums.Grads(), err
	}
	g.program.SetStep(l.step + 1)
	if err := g.program.Start(); err != nil {
		return 0, nil, err
	}
	err = l.sendAhead()
	if err := cmp.Or(g.program.Wait(), err); err != nil {
		return 0, nil, err
	}
	return g.program.Loss(), g.program.Grads(), nil
}

// next fills the inputs of the graph for the next batch with it, of the next epoch if this
// one is over.
func (l *Loop) next() error {
	s := l.source()
	l.graph = l.graphAt(s.Position())
	err := s.Next(l.graph.x, l.graph.batch)
	if err == io.EOF {
		err = s.Next(l.graph.x, l.graph.batch)
		if err == io.EOF {
			return errors.New("the source has no batch in an epoch: a smaller batch?")
		}
	}
	if err != nil {
		return err
	}
	return l.graph.separate()
}

// record stores what the step did in l.event.
func (l *Loop) record(loss float64) {
	e := &l.event
	at := l.position()
	e.Step, e.Epoch, e.Loss, e.Total = l.step, int(at.Epoch), loss, l.TotalSteps()
	e.EpochEnd = int(at.Batch) == l.source().Batches()
	e.Eval = nil
	e.Train = e.Train[:0]
	e.Train = append(e.Train, Metric{"loss", loss})
	for _, name := range l.probes {
		e.Train = append(e.Train, Metric{name, l.graph.program.Scalar(name)})
	}
	e.Train = append(e.Train, Metric{"lr", l.Optimizer.LR()})
}

func (l *Loop) evaluatesNow() bool {
	switch {
	case l.Evaluator == nil:
		return false
	case l.step == l.TotalSteps():
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
	return Hooks(l.Hooks).CheckMetrics(&l.event)
}

// finish tells every hook that the run has ended, and returns the first error.
func (l *Loop) finish(cause error) (first error) {
	if l.graph != nil {
		first = errors.WithMessage(cmp.Or(l.sync(), l.putBack()), "train")
	} else { // it did not begin
		l.event = Event{Loop: l, Model: l.Model, Step: l.step}
	}
	return cmp.Or(first, errors.WithMessage(Hooks(l.Hooks).Finish(&l.event, cause), "train"))
}

// Close frees the training graphs.
func (l *Loop) Close() (err error) {
	if l == nil {
		return nil
	}
	for _, g := range l.graphs {
		err = cmp.Or(err, g.close())
	}
	return err
}
