package train

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// A Checkpoint is a Hook that saves the run in a directory: last.safetensors every Every steps, at the end of every
// Epochs-th epoch, and when the run ends or is interrupted; and best.safetensors whenever Metric, such as val_loss,
// is better than ever before after an evaluation, or, in a run without an [Evaluator], after a step.
type Checkpoint struct {
	Dir    string // must exist
	Every  int    // steps; 0 is not by steps
	Epochs int    // epochs, at whose end it saves too; 0 is not by epochs. With both 0 it saves at the end alone
	Keep   bool   // also keep step-N.safetensors of each
	Last   int    // keep the last so many of these; 0 is all, if Keep
	Metric string // "" is no best.safetensors
	Lower  bool   // less of Metric is better

	best  float64
	known bool // best has a value
}

var (
	_ Hook      = (*Checkpoint)(nil)
	_ Finisher  = (*Checkpoint)(nil)
	_ Resumable = (*Checkpoint)(nil)
	_ Turner    = (*Checkpoint)(nil)
)

// Step implements Hook.
func (c *Checkpoint) Step(e *Event) error {
	if err := cmp.Or(there(c), e.check(true)); err != nil {
		return errors.WithMessage(err, "checkpoint")
	}
	if c.Every < 0 || c.Epochs < 0 || c.Last < 0 {
		return errors.Errorf("checkpoint: Every is %d, Epochs %d and Last %d, want 0 or above", c.Every, c.Epochs,
			c.Last)
	}
	v, ok := e.Metric(c.Metric)
	if ok && c.Metric != "" && e.decides() && !math.IsNaN(v) && (!c.known || better(v, c.best, c.Lower)) {
		c.best, c.known = v, true
		if err := e.Loop.Save(filepath.Join(c.Dir, "best.safetensors")); err != nil {
			return err
		}
	}
	if !c.due(e) {
		return nil
	}
	if c.Keep || c.Last > 0 {
		if err := e.Loop.Save(c.ofStep(e.Step)); err != nil {
			return err
		}
	}
	if err := e.Loop.Save(filepath.Join(c.Dir, "last.safetensors")); err != nil {
		return err
	}
	return c.prune(e.Step)
}

// due reports whether a step is one after which it saves.
func (c *Checkpoint) due(e *Event) bool {
	return c.Every > 0 && e.Step%c.Every == 0 || c.Epochs > 0 && e.EpochEnd && (e.Epoch+1)%c.Epochs == 0
}

// The names of the files of steps.
const stepPrefix, stepSuffix = "step-", ".safetensors"

func (c *Checkpoint) ofStep(step int) string {
	return filepath.Join(c.Dir, stepPrefix+strconv.Itoa(step)+stepSuffix)
}

// prune removes the files of all steps up to this one but the last of them.
func (c *Checkpoint) prune(step int) error {
	if c.Last < 1 {
		return nil
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return errors.Wrap(err, "checkpoint: old ones")
	}
	var steps []int
	for _, e := range entries {
		name, isOne := strings.CutPrefix(e.Name(), stepPrefix)
		name, isToo := strings.CutSuffix(name, stepSuffix)
		if n, err := strconv.Atoi(name); isOne && isToo && err == nil && n <= step && strconv.Itoa(n) == name {
			steps = append(steps, n)
		}
	}
	slices.Sort(steps)
	for _, n := range steps[:max(0, len(steps)-c.Last)] {
		if err := os.Remove(c.ofStep(n)); err != nil {
			return errors.Wrap(err, "checkpoint: an old one")
		}
	}
	return nil
}

// RestoreBest makes the parameters those of best.safetensors. The state of the optimizer stays as it is. Errors:
// neither this run nor those that it continues have written the file; those of [LoadParams].
func (c *Checkpoint) RestoreBest(params []*nn.Param) error {
	if err := there(c); err != nil {
		return errors.WithMessage(err, "checkpoint: restore the best")
	}
	if !c.known {
		return errors.Errorf("checkpoint: restore the best: the run has seen no value of the Metric %q", c.Metric)
	}
	return LoadParams(filepath.Join(c.Dir, "best.safetensors"), params)
}

// Finish implements Finisher. It also saves after a failed step, whose state is the one from before the step.
func (c *Checkpoint) Finish(e *Event, _ error) error {
	if err := cmp.Or(there(c), e.check(true)); err != nil {
		return errors.WithMessage(err, "checkpoint")
	}
	if e.Loop.graph == nil { // the run never began: the files that are there are worth more
		return nil
	}
	return e.Loop.Save(filepath.Join(c.Dir, "last.safetensors"))
}

// Monitors implements Monitor.
func (c *Checkpoint) Monitors() []string {
	if c == nil || c.Metric == "" {
		return nil
	}
	return []string{c.Metric}
}

// CheckpointSettings are the settings that the best value of a [Checkpoint] depends on.
type CheckpointSettings struct {
	Metric string
	Lower  bool
}

// Config returns what the best value depends on.
func (c *Checkpoint) Config() CheckpointSettings {
	if c == nil {
		return CheckpointSettings{}
	}
	return CheckpointSettings{c.Metric, c.Lower}
}

// Turn implements Turner: it comes last, since it saves the states of the other hooks after the step.
func (c *Checkpoint) Turn() Turn { return AfterHooks }

// Key implements Resumable: without a Metric there is nothing to remember.
func (c *Checkpoint) Key() string {
	if c == nil || c.Metric == "" {
		return ""
	}
	return "checkpoint"
}

// State implements Resumable: the best value so far, NaN before the first.
func (c *Checkpoint) State() []float64 {
	if c == nil || !c.known {
		return []float64{math.NaN()}
	}
	return []float64{c.best}
}

// Restore implements Resumable.
func (c *Checkpoint) Restore(state []float64) error {
	if err := there(c); err != nil {
		return errors.WithMessage(err, "checkpoint: restore")
	}
	if len(state) != 1 {
		return errors.Errorf("checkpoint: restore: a state of %d numbers, want 1", len(state))
	}
	c.best, c.known = state[0], !math.IsNaN(state[0])
	return nil
}

// better reports whether v improves on best.
func better(v, best float64, lower bool) bool {
	if lower {
		return v < best
	}
	return v > best
}

// An EarlyStop is a [Hook] that ends the run when Metric, such as val_loss, has not improved by more than MinDelta
// for Patience evaluations, or, in a run without an [Evaluator], for Patience steps. NaN is not an improvement.
type EarlyStop struct {
	Metric   string
	Lower    bool    // less is better
	Patience int     // values without improvement; at least 1
	MinDelta float64 // what counts as one; 0 or above

	best  float64
	waits int
	known bool
}

var (
	_ Hook      = (*EarlyStop)(nil)
	_ Resumable = (*EarlyStop)(nil)
)

// Step implements Hook.
func (s *EarlyStop) Step(e *Event) error {
	if err := cmp.Or(there(s), e.check(false)); err != nil {
		return errors.WithMessage(err, "early stop")
	}
	if s.Patience < 1 {
		return errors.Errorf("early stop: patience of %d, want at least 1", s.Patience)
	}
	if !(s.MinDelta >= 0) {
		return errors.Errorf("early stop: MinDelta is %v, want it 0 or above", s.MinDelta)
	}
	v, ok := e.Metric(s.Metric)
	if !ok || !e.decides() {
		return nil
	}
	margin := s.MinDelta
	if !s.Lower {
		margin = -margin
	}
	if !math.IsNaN(v) && (!s.known || better(v+margin, s.best, s.Lower)) {
		s.best, s.waits, s.known = v, 0, true
		return nil
	}
	if s.waits++; s.waits >= s.Patience {
		return ErrStop
	}
	return nil
}

// Monitors implements Monitor.
func (s *EarlyStop) Monitors() []string {
	if s == nil {
		return nil
	}
	return []string{s.Metric}
}

// Key implements Resumable.
func (s *EarlyStop) Key() string {
	if s == nil {
		return "earlystop"
	}
	return "earlystop." + s.Metric
}

// State implements Resumable: the best value, NaN before the first, and the
// values since.
func (s *EarlyStop) State() []float64 {
	if s == nil {
		return []float64{math.NaN(), 0}
	}
	if !s.known {
		return []float64{math.NaN(), float64(s.waits)}
	}
	return []float64{s.best, float64(s.waits)}
}

// Restore implements Resumable.
func (s *EarlyStop) Restore(state []float64) error {
	if err := there(s); err != nil {
		return errors.WithMessage(err, "early stop: restore")
	}
	if len(state) != 2 || !(state[1] >= 0 && state[1] <= math.MaxInt32) {
		return errors.Errorf("early stop: restore: the state is %v, want the best value and a count", state)
	}
	s.best, s.waits, s.known = state[0], int(state[1]), !math.IsNaN(state[0])
	return nil
}

// A DivergenceStop is a Hook that ends the run with ErrDiverged when the loss exceeds Limit. A loss that is not
// finite ends a run in any case.
type DivergenceStop struct{ Limit float64 }

// Step implements Hook.
func (d DivergenceStop) Step(e *Event) error {
	if err := e.check(false); err != nil {
		return errors.WithMessage(err, "divergence stop")
	}
	if e.Loss > d.Limit {
		return errors.Wrapf(ErrDiverged, "the loss is %v, above the limit of %v", e.Loss, d.Limit)
	}
	return nil
}
