package train

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Hooks are called in their turns. A Loop does so with its own; package redunet, which takes steps of
// another kind, with those of a construction: Check before the first step, CheckMetrics after it, Step
// after each, and Finish at the end, also after an error.
type Hooks []Hook

// Check reports a hook that is nil, or whose Turn is none.
func (hs Hooks) Check() error {
	for i, h := range hs {
		if isNil(h) {
			return errors.Errorf("hook %d of %d is nil", i+1, len(hs))
		}
		if turn := turnOf(h); turn < BeforeEvaluation || turn > AfterHooks {
			return errors.Errorf("hook %d of %d, a %T, has the Turn %d, want BeforeEvaluation, AfterEvaluation or "+
				"AfterHooks", i+1, len(hs), h, turn)
		}
	}
	return nil
}

// CheckMetrics reports metrics of one name, and those that a Monitor needs and nobody has.
func (hs Hooks) CheckMetrics(e *Event) error {
	if err := e.check(false); err != nil {
		return err
	}
	if err := e.checkNames(); err != nil {
		return err
	}
	for _, h := range hs {
		m, ok := h.(Monitor)
		if !ok || isNil(h) {
			continue
		}
		for _, name := range m.Monitors() {
			if _, ok := e.Metric(name); !ok {
				return errors.Errorf("hook %T needs the metric %q, which is not there: there are %s", h, name,
					strings.Join(e.names(), ", "))
			}
		}
	}
	return nil
}

// Step shows a step to all hooks, also when one of them wants to stop: then it returns ErrStop.
func (hs Hooks) Step(e *Event) error {
	return hs.show(e, BeforeEvaluation, AfterEvaluation, AfterHooks)
}

// show shows the step to the hooks of some turns.
func (hs Hooks) show(e *Event, turns ...Turn) error {
	stop := false
	for _, now := range turns {
		for _, h := range hs {
			if isNil(h) || turnOf(h) != now {
				continue
			}
			switch err := h.Step(e); {
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

// Finish tells every Finisher that the run has ended, in the order of their turns, and returns the first
// error.
func (hs Hooks) Finish(e *Event, cause error) (first error) {
	hooks := slices.DeleteFunc(slices.Clone(hs), func(h Hook) bool { return isNil(h) }) // as the cause says
	slices.SortStableFunc(hooks, func(a, b Hook) int { return cmp.Compare(turnOf(a), turnOf(b)) })
	for _, h := range hooks {
		f, ok := h.(Finisher)
		if !ok {
			continue
		}
		if err := f.Finish(e, cause); err != nil && first == nil {
			first = errors.WithMessagef(err, "hook %T", h)
		}
	}
	return first
}
