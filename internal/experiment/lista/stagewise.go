package lista

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/train"
)

// stagewise trains layer by layer, as the papers do.
func (t *training) stagewise(ctx context.Context) error {
	source, err := t.source(batch)
	if err != nil {
		return err
	}
	log := &stagesLog{path: t.log(), every: max(1, t.steps/20)}
	s := &train.Stagewise{
		Net: t.net, Loss: t.compared(losses.CodeError{}), Source: source, Validation: t.validation, MaxSteps: t.steps,
		LR:            t.cfg.LR,
		EvaluateEvery: 50, BetterWait: 4000, Dir: t.dir, SaveEvery: 500,
		Hooks: []train.Hook{t.watch, log, &stageLines{training: t}}, Options: t.cfg.options, Settings: t.cfg,
	}
	if t.cfg.Resume {
		if err := s.Resume(s.Checkpoint()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err = s.Run(ctx)
	for _, h := range []train.Finisher{t.watch, log} {
		if e := h.Finish(nil, err); err == nil {
			err = e
		}
	}
	return err
}

// stageLines is a hook that writes a line for each stage.
type stageLines struct{ *training }

// Step implements train.Hook.
func (stageLines) Step(*train.Event) error { return nil }

// EndStage implements train.Stager.
func (l *stageLines) EndStage(s train.Stage) error {
	what := "layer " + strconv.Itoa(s.Layer)
	if s.Joint {
		what = "layers 1–" + strconv.Itoa(s.Layer)
	}
	_, err := fmt.Fprintf(l.progress, "%s stage %d of %d: %s at %.0e: %.2f dB after %d steps, %.0f s\n",
		l.name, s.Number, s.Of, what, s.LR, s.NMSE, s.Steps, l.watch.Seconds())
	return errors.WithStack(err)
}

// stagesLog is a train.JSONL of a run of which only its first step tells whether it
// goes on from a checkpoint, and where.
type stagesLog struct {
	path  string
	every int
	log   *train.JSONL
}

// Step implements train.Hook.
func (l *stagesLog) Step(e *train.Event) (err error) {
	if l.log == nil {
		if l.log, err = train.ResumeJSONL(l.path, l.every, e.Step-1); err != nil {
			return err
		}
	}
	return l.log.Step(e)
}

// Finish implements train.Finisher.
func (l *stagesLog) Finish(e *train.Event, cause error) error {
	if l.log == nil {
		return nil
	}
	return l.log.Finish(e, cause)
}
