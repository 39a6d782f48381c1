package train

import (
	"cmp"
	"context"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/nn"
)

// begin measures what the stage begins with, or restores it from a checkpoint.
func (s *Stagewise) begin(ctx context.Context, loop *Loop, best *bestOf, watch *SparseEval) error {
	if s.from != "" {
		path := s.from
		s.from = ""
		if err := loop.Resume(path); err != nil {
			return err
		}
		loop.Steps = best.first + s.MaxSteps
		return nil
	}
	ms, err := watch.Evaluate(ctx)
	if err != nil {
		return err
	}
	best.first = loop.step
	return best.keep(ms[0].Value, loop.step)
}

// Resume makes Run go on from what was saved at path. Call it before Run, with the
// fields set as they were. Errors: as Loop.Resume.
func (s *Stagewise) Resume(path string) error {
	if err := s.fill(); err != nil {
		return errors.WithMessage(err, "train")
	}
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return errors.WithMessagef(err, "train: resume %s", path)
	}
	state, err := safetensors.Get[float64](f, "hook.stage", bestHeader+nn.Size(s.Net.Params()))
	if err != nil {
		return errors.Wrapf(ErrCheckpoint, "train: resume %s: %v", path, err)
	}
	plan, at := s.stages(), int(state[0])
	if !(state[0] >= 1 && state[0] <= float64(len(plan))) {
		return errors.Wrapf(ErrCheckpoint, "train: resume %s: stage %v of %d", path, state[0], len(plan))
	}
	loop, err := s.loop(plan[at-1], s.best(plan[at-1]))
	if err != nil {
		return errors.WithMessagef(err, "train: resume %s", path)
	}
	if err := cmp.Or(loop.compare(f), loop.left(f)); err != nil {
		return errors.WithMessagef(err, "train: resume %s", path)
	}
	s.at, s.from = at-1, path
	return nil
}

// Checkpoint returns the path that Run saves to, "" without Dir.
func (s *Stagewise) Checkpoint() string {
	if s == nil || s.Dir == "" {
		return ""
	}
	return filepath.Join(s.Dir, "last.safetensors")
}
