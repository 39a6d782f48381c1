package train

import "context"

// A Metric is a named number. Names carry their unit where it is not plain:
// "rate_nats", "step_ms".
type Metric struct {
	Name  string
	Value float64
}

// An Event is what one step did. Hooks may not keep it or its slices: the next
// step overwrites them.
type Event struct {
	Loop     *Loop
	Step     int // counts from 1
	Epoch    int // counts from 0
	EpochEnd bool
	Loss     float64
	Train    []Metric // of the batch: loss, the probes of one element, lr
	Eval     []Metric // of the evaluation after this step; nil if there was none
}

// Metric returns the value of a metric: of the evaluation if it has one of that
// name, else of the batch.
func (e *Event) Metric(name string) (v float64, ok bool) {
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

// A HookFunc is a Hook of one function.
type HookFunc func(e *Event) error

// Step calls f.
func (f HookFunc) Step(e *Event) error { return f(e) }

// A Finisher is a Hook that wants to know that the run has ended, well (cause is
// nil) or not: by a done context or by an error. e is the last step's.
type Finisher interface {
	Finish(e *Event, cause error) error
}

// A Resumable is a Hook with state that belongs in a checkpoint: the best value
// so far, the patience left.
type Resumable interface {
	Key() string // unique among the hooks of a loop
	State() []float64
	Restore(state []float64) error
}

// An Evaluator measures the model, usually in a graph of its own that shares the
// model's parameters.
type Evaluator interface {
	Evaluate(ctx context.Context) ([]Metric, error)
}
