package train

import (
	"context"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// An EMA is a Hook that averages parameters after each step, before the evaluation of
// that step. The averages are part of the checkpoints: a run that goes on from one ends
// with the averages of a run that was not interrupted, to the bit, on a device too.
//
//	average, err := optim.NewEMA(model.Params(), optim.EMAConfig{})
//	ema := &train.EMA{Average: average}
//	loop.Hooks = append(loop.Hooks, ema)
//	loop.Evaluator = ema.Evaluator(evaluator) // of the averages: val_ema_loss
type EMA struct {
	Average *optim.EMA
	Name    string // of several; "" is "ema"
}

// A Stateful is a Hook with tensors that belong in a checkpoint, where their names
// begin with "hook.", its key and a dot. See Resumable for a few numbers.
type Stateful interface {
	Key() string // unique among the hooks of a loop; "" has nothing to remember

	// Tensors returns the state: float32, float64 or int64.
	Tensors() ([]optim.State, error)

	// RestoreTensors takes a state of the same names, dtypes and shapes, which may be
	// in another order. An error leaves everything as it was.
	RestoreTensors(state []optim.State) error
}

var (
	_ Hook     = (*EMA)(nil)
	_ Remote   = (*EMA)(nil)
	_ Stateful = (*EMA)(nil)
	_ Turner   = (*EMA)(nil)
)

// Step implements Hook.
func (m *EMA) Step(*Event) error {
	if err := m.check(); err != nil {
		return err
	}
	return m.Average.Update()
}

func (m *EMA) check() error {
	if m == nil || m.Average == nil {
		return errors.New("EMA: no Average: make it with optim.NewEMA")
	}
	return nil
}

// Turn implements Turner: it comes before the evaluation, which may be of the averages.
func (*EMA) Turn() Turn { return BeforeEvaluation }

// Remote implements Remote: it averages where the parameters are.
func (*EMA) Remote() bool { return true }

// EMASettings are the settings that the averages depend on.
type EMASettings struct {
	optim.EMAConfig
	Params []*nn.Param
}

// Config returns what the averages depend on.
func (m *EMA) Config() EMASettings {
	if m.check() != nil {
		return EMASettings{}
	}
	return EMASettings{m.Average.Config(), m.Average.Params()}
}

// Key implements Stateful.
func (m *EMA) Key() string {
	if m == nil || m.Name == "" {
		return "ema"
	}
	return m.Name
}

// emaPrefix is what the names of an optim.EMA's state begin with.
const emaPrefix = "ema."

// Tensors implements Stateful: "step", the number of updates, and the averages by the
// names of the parameters.
func (m *EMA) Tensors() ([]optim.State, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	state, err := m.Average.State()
	for i := range state {
		state[i].Name = strings.TrimPrefix(state[i].Name, emaPrefix)
	}
	return state, err
}

// RestoreTensors implements Stateful.
func (m *EMA) RestoreTensors(state []optim.State) error {
	if err := m.check(); err != nil {
		return err
	}
	named := make([]optim.State, len(state))
	for i, s := range state {
		named[i] = optim.State{Name: emaPrefix + s.Name, Value: s.Value}
	}
	return m.Average.Restore(named)
}

// Evaluator returns the evaluator of the averages: what the given evaluator measures with the averages in place of
// the parameters. The names of its metrics get the hook's name as a prefix: ema_loss.
func (m *EMA) Evaluator(of Evaluator) Evaluator { return &averaged{m, of} }

// averaged is an Evaluator of averages.
type averaged struct {
	ema *EMA
	of  Evaluator
}

// Evaluate implements Evaluator.
func (a *averaged) Evaluate(ctx context.Context) (ms []Metric, err error) {
	if err := a.ema.check(); err != nil {
		return nil, err
	}
	if isNil(a.of) {
		return nil, errors.New("EMA: no Evaluator of the averages")
	}
	err = a.ema.Average.Evaluate(func() error {
		if err := nn.Sync(a.ema.Average.Params()); err != nil {
			return err
		}
		measured, err := a.of.Evaluate(ctx)
		for _, m := range measured {
			ms = append(ms, Metric{a.ema.Key() + "_" + m.Name, m.Value})
		}
		return err
	})
	return ms, err
}
