package train

import (
	"cmp"
	"math"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// A KeepBest is a [Hook] that keeps the parameters for which Metric, such as val_loss, was best so far after an
// evaluation, or, in a run without an [Evaluator], after a step. They are kept in memory and in checkpoints, so that
// a resumed run has them. [KeepBest.RestoreBest] puts them in place after Run:
//
//	best := &train.KeepBest{Params: model.Params(), Metric: "val_loss", Lower: true}
//	loop.Hooks = append(loop.Hooks, best)
//	err := cmp.Or(loop.Run(ctx), best.RestoreBest())
//
// See Checkpoint for the best in a file.
type KeepBest struct {
	Params []*nn.Param // the model's, running statistics too
	Metric string
	Lower  bool // less of Metric is better

	value, step *tensor.Dense // of the best; the step is 0 before the first
	kept        []*tensor.Dense
}

var (
	_ Hook     = (*KeepBest)(nil)
	_ Monitor  = (*KeepBest)(nil)
	_ Remote   = (*KeepBest)(nil)
	_ Stateful = (*KeepBest)(nil)
)

// ready checks the fields, and makes the memory.
func (k *KeepBest) ready() error {
	switch {
	case k == nil:
		return errors.New("keep best: the KeepBest is nil")
	case len(k.Params) == 0 || k.Metric == "":
		return errors.Errorf("keep best: %d Params and the Metric %q, want parameters and a name", len(k.Params),
			k.Metric)
	case len(k.kept) == len(k.Params):
		return nil
	}
	if err := checkParams(k.Params); err != nil {
		return errors.WithMessage(err, "keep best")
	}
	k.value = tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{math.NaN()}))
	k.step = tensor.New(tensor.WithShape(1), tensor.WithBacking([]int64{0}))
	var kept []*tensor.Dense
	for _, p := range k.Params {
		if dt := p.Value.Dtype(); dt != tensor.Float32 && dt != tensor.Float64 {
			return errors.Errorf("keep best: parameter %q is %v, want float32 or float64", p.Name, dt)
		}
		kept = append(kept, dense.Like(p.Value))
	}
	k.kept = kept
	return nil
}

// Step implements Hook.
func (k *KeepBest) Step(e *Event) error {
	if err := cmp.Or(k.ready(), e.check(false)); err != nil {
		return err
	}
	v, ok := e.Metric(k.Metric)
	value, step := k.value.Float64s(), k.step.Int64s()
	if !ok || !e.decides() || math.IsNaN(v) || step[0] > 0 && !better(v, value[0], k.Lower) {
		return nil
	}
	if err := nn.Sync(k.Params); err != nil {
		return errors.WithMessage(err, "keep best")
	}
	for i, p := range k.Params {
		dense.Copy(k.kept[i], p.Value)
	}
	value[0], step[0] = v, int64(e.Step)
	return nil
}

// Best returns the best value and its step, 0 before the first.
func (k *KeepBest) Best() (value float64, step int) {
	if k == nil || k.step == nil {
		return math.NaN(), 0
	}
	return k.value.Float64s()[0], int(k.step.Int64s()[0])
}

// RestoreBest makes the parameters those of the best value. The state of the optimizer stays as it is. Errors: there
// was no value yet.
func (k *KeepBest) RestoreBest() error {
	if _, step := k.Best(); step == 0 {
		return errors.New("keep best: restore: no value of the metric was seen yet")
	}
	for i, p := range k.Params {
		dense.Copy(p.Value, k.kept[i])
	}
	nn.Changed(k.Params)
	return nil
}

// Monitors implements Monitor.
func (k *KeepBest) Monitors() []string {
	if k == nil {
		return nil
	}
	return []string{k.Metric}
}

// Remote implements Remote: it brings to the host what it keeps.
func (*KeepBest) Remote() bool { return true }

// Config returns what the best value depends on.
func (k *KeepBest) Config() CheckpointSettings {
	if k == nil {
		return CheckpointSettings{}
	}
	return CheckpointSettings{k.Metric, k.Lower}
}

// Key implements Stateful.
func (k *KeepBest) Key() string {
	if k == nil {
		return "best"
	}
	return "best." + k.Metric
}

// bestPrefix is what the names of the parameters that are kept begin with.
const bestPrefix = "of."

// Tensors implements Stateful: "value", "step", and the parameters by their names behind "of.".
func (k *KeepBest) Tensors() ([]optim.State, error) {
	if err := k.ready(); err != nil {
		return nil, err
	}
	all := []optim.State{{Name: "value", Value: k.value}, {Name: "step", Value: k.step}}
	for i, p := range k.Params {
		all = append(all, optim.State{Name: bestPrefix + p.Name, Value: k.kept[i]})
	}
	return all, nil
}

// RestoreTensors implements Stateful.
func (k *KeepBest) RestoreTensors(state []optim.State) error {
	have, err := k.Tensors()
	if err != nil {
		return err
	}
	byName := make(map[string]*tensor.Dense)
	for _, s := range state {
		byName[s.Name] = s.Value
	}
	for _, h := range have {
		v := byName[h.Name]
		if v == nil || v.Dtype() != h.Value.Dtype() || !v.Shape().Eq(h.Value.Shape()) || v.RequiresIterator() {
			return errors.Errorf("keep best: restore: the tensor %q is missing, or not %v of shape %v",
				strings.TrimPrefix(h.Name, bestPrefix), h.Value.Dtype(), h.Value.Shape())
		}
	}
	step, value := byName["step"].Int64s()[0], byName["value"].Float64s()[0]
	if step < 0 || step > math.MaxInt32 || step > 0 && math.IsNaN(value) {
		return errors.Errorf("keep best: restore: the best value is %v, of step %d", value, step)
	}
	for _, h := range have {
		dense.Copy(h.Value, byName[h.Name])
	}
	k.step.Int64s()[0] = step
	return nil
}
