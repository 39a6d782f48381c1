package train

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// bestHeader is the numbers of a bestOf's state before the parameters: the stage,
// whether it is done, its first step, the best value and its step.
const bestHeader = 5

// bestOf is the hook of a stage: it keeps the parameters of the least nmse_db, ends
// the stage when there was no lesser one for wait steps, and restores them.
type bestOf struct {
	params   []*nn.Param
	settings stageSettings

	done  bool
	first int // the step before the first
	value float64
	step  int // of the best
	kept  [][]float64
}

var (
	_ Hook      = (*bestOf)(nil)
	_ Finisher  = (*bestOf)(nil)
	_ Resumable = (*bestOf)(nil)
)

func newBest(params []*nn.Param, settings stageSettings) *bestOf {
	b := &bestOf{params: params, settings: settings, value: math.Inf(1)}
	for _, p := range params {
		b.kept = append(b.kept, make([]float64, p.Value.Size()))
	}
	return b
}

// keep records the current parameters as the best.
func (b *bestOf) keep(value float64, step int) error {
	b.value, b.step = value, step
	for i, p := range b.params {
		var err error
		if b.kept[i], err = nn.Floats(b.kept[i][:0], p.Value); err != nil {
			return err
		}
	}
	return nil
}

// Step implements Hook.
func (b *bestOf) Step(e *Event) error {
	if e.Eval == nil {
		return nil
	}
	v, ok := e.Metric("val_nmse_db")
	if !ok {
		return errors.New("stage: the evaluation has no val_nmse_db")
	}
	if v < b.value { // never NaN
		return b.keep(v, e.Step)
	}
	if e.Step-b.step >= b.settings.BetterWait {
		return ErrStop
	}
	return nil
}

// Finish implements Finisher: a stage that ends well ends with its best.
func (b *bestOf) Finish(_ *Event, cause error) error {
	if cause != nil {
		return nil
	}
	b.done = true
	for i, p := range b.params {
		if err := nn.SetFloats(p.Value, b.kept[i]); err != nil {
			return err
		}
	}
	return nil
}

// stageSettings are the settings of a [Stagewise] that determine its stages.
type stageSettings struct {
	Stage, BetterWait, MaxSteps int
	Plan                        []string // a stage each
}

// Config returns the settings that determine the stages.
func (b *bestOf) Config() stageSettings { return b.settings }

// Key implements Resumable.
func (b *bestOf) Key() string { return "stage" }

// State implements Resumable.
func (b *bestOf) State() []float64 {
	done := 0.0
	if b.done {
		done = 1
	}
	state := []float64{float64(b.settings.Stage), done, float64(b.first), b.value, float64(b.step)}
	for _, v := range b.kept {
		state = append(state, v...)
	}
	return state
}

// Restore implements Resumable.
func (b *bestOf) Restore(state []float64) error {
	want := bestHeader
	for _, v := range b.kept {
		want += len(v)
	}
	if len(state) != want {
		return errors.Errorf("stage: restore: a state of %d numbers, want %d", len(state), want)
	}
	b.done, b.first, b.value, b.step = state[1] != 0, int(state[2]), state[3], int(state[4])
	at := bestHeader
	for _, v := range b.kept {
		at += copy(v, state[at:])
	}
	return nil
}
