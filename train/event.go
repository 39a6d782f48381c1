package train

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/layers"
)

// A Metric is a named number. Names carry their unit where it is not plain:
// "rate_nats", "step_ms".
type Metric struct {
	Name  string
	Value float64
}

// An Event is what one step did. Hooks may not keep it or its slices: the next
// step overwrites them.
type Event struct {
	Loop     *Loop        // nil of steps that no Loop takes, as the layers that package redunet constructs
	Model    layers.Layer // what is trained
	Step     int          // counts from 1; 0 is what a construction begins with
	Total    int          // steps of the whole run
	Epoch    int          // counts from 0
	EpochEnd bool
	Loss     float64
	Train    []Metric // of the batch: loss, the probes of one element, lr
	Eval     []Metric // of the evaluation after this step: val_loss; nil if there was none
}

// there reports an error for a hook that is a nil pointer.
func there(h Hook) error {
	if isNil(h) {
		return errors.Errorf("the %T is nil", h)
	}
	return nil
}

// check reports an event that a hook cannot work with; some need its Loop.
func (e *Event) check(loop bool) error {
	switch {
	case e == nil:
		return errors.New("the event is nil")
	case loop && (e.Loop == nil || e.Loop.TotalSteps() < 1):
		return errors.New("the event has no Loop, or one without Steps and Epochs")
	}
	return nil
}

// total returns the number of steps of the whole run, 0 if it is not known.
func (e *Event) total() int {
	if e.Total > 0 || e.Loop == nil {
		return e.Total
	}
	return e.Loop.TotalSteps()
}

// part returns which of so many parts of the run a step belongs to: ⌊step·parts/total⌋.
func (e *Event) part(step, parts int) int {
	hi, lo := bits.Mul64(uint64(max(step, 0)), uint64(parts))
	total := uint64(e.total())
	if hi >= total {
		return parts
	}
	q, _ := bits.Div64(hi, lo, total)
	return int(q)
}

// evaluated returns the name of a metric of an evaluation: that of the Evaluator with "val_" before it, as Keras and
// Lightning say it, so that val_loss is not loss. A name that already begins with "val_", "test_" or "train_" stays
// as it is.
func evaluated(name string) string {
	for _, set := range []string{"val_", "test_", "train_"} {
		if strings.HasPrefix(name, set) {
			return name
		}
	}
	return "val_" + name
}

// decides reports whether hooks that choose by a metric do so after this step: after each evaluation, and in a run
// without an Evaluator after each step.
func (e *Event) decides() bool {
	return e.Eval != nil || e.Loop == nil || e.Loop.Evaluator == nil
}

// names returns the names of all metrics.
func (e *Event) names() []string {
	var names []string
	for _, m := range slices.Concat(e.Train, e.Eval) {
		names = append(names, m.Name)
	}
	return names
}

// checkNames reports two metrics of one name, or one whose name logs need.
func (e *Event) checkNames() error {
	seen := map[string]bool{"step": true, "epoch": true, "split": true}
	for _, name := range e.names() {
		if seen[name] {
			return errors.Errorf("a metric is named %q, as another one or a column of the logs is: give the loss "+
				"or the probe a name of its own", name)
		}
		seen[name] = true
	}
	return nil
}

// Metric returns the value of a metric, of the batch or of the evaluation.
func (e *Event) Metric(name string) (v float64, ok bool) {
	if e == nil {
		return 0, false
	}
	for _, ms := range [][]Metric{e.Eval, e.Train} {
		for _, m := range ms {
			if m.Name == name {
				return m.Value, true
			}
		}
	}
	return 0, false
}

// A Hook sees every step.
type Hook interface {
	// Step is called after each step. ErrStop ends the run well, any other error
	// badly.
	Step(e *Event) error
}

// A Turn says when in a step, and at the end of a run, a hook is called. Within a turn the order is that of
// Loop.Hooks.
type Turn int

// The turns.
const (
	BeforeEvaluation Turn = iota - 1 // before the evaluation: hooks that average parameters
	AfterEvaluation                  // hooks without a method Turn
	AfterHooks                       // last: hooks that save the states of the others
)

// A Turner is a Hook that says when it is called.
type Turner interface{ Turn() Turn }

// turnOf returns when a hook is called.
func turnOf(h Hook) Turn {
	if t, ok := h.(Turner); ok {
		return t.Turn()
	}
	return AfterEvaluation
}

// A HookFunc is a Hook of one function.
type HookFunc func(e *Event) error

// Step calls f.
func (f HookFunc) Step(e *Event) error {
	if f == nil {
		return errors.New("the HookFunc is nil")
	}
	return f(e)
}

// A Monitor is a [Hook] that needs metrics by name. A metric that neither the batch nor the evaluation has is an
// error at the first evaluation, or at the first step in a run without an [Evaluator].
type Monitor interface {
	Monitors() []string
}

// A Finisher is a [Hook] that is told when the run has ended: successfully, with a nil cause, or with the error of a
// done context or of a step. e is the event of the last step.
type Finisher interface {
	Finish(e *Event, cause error) error
}

// A Resumable is a Hook with state that belongs in a checkpoint: the best value
// so far, the patience left.
type Resumable interface {
	Key() string // unique among the hooks of a loop; "" has nothing to remember
	State() []float64
	Restore(state []float64) error
}

// An Evaluator measures the model, usually in a graph of its own that shares the
// model's parameters. The Loop puts "val_" before the names of what it returns, but
// for those that begin with "val_", "test_" or "train_".
type Evaluator interface {
	Evaluate(ctx context.Context) ([]Metric, error)
}
