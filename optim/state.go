package optim

import (
	stderrors "errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/nn"
)

// ErrState reports a state that belongs to something else: names that are
// missing or too many, another shape or dtype.
var ErrState = stderrors.New("state does not fit")

// State is one named tensor of what an Optimizer or an EMA must remember to
// continue bit for bit: float32 or float64, or int64 for a counter.
type State struct {
	Name  string // "optim.enc.w.m", "optim.step"
	Value *tensor.Dense
}

// A Stateful is a Transform that remembers tensors from step to step.
type Stateful interface {
	// State returns the tensors themselves, float32 or float64, always the
	// same, named by parameter and role: "enc.w.m". p is as Start got it.
	State(p []*nn.Param) []State
}

// State returns what a resumed run needs besides the parameters: the moments as
// "optim.<parameter>.<role>" and the number of steps as "optim.step", an int64
// vector of length 1. The moments are o's own memory, valid until the next step;
// those of a device are there after Sync.
func (o *Optimizer) State() []State {
	if o == nil {
		return nil
	}
	all := []State{counter("optim.step", o.step)}
	for _, t := range o.chain {
		if s, ok := t.(Stateful); ok {
			for _, v := range s.State(o.params) {
				all = append(all, State{"optim." + v.Name, v.Value})
			}
		}
	}
	return all
}

// Restore makes o continue where another Optimizer of the same chain and
// parameters was when it returned state. The order does not matter. An error
// wraps ErrState and leaves o as it was: a state of something else, and one that no
// run goes on from well, with a number that is NaN or infinite, or a mean of squares
// below 0.
func (o *Optimizer) Restore(state []State) error {
	if err := o.made(); err != nil {
		return errors.WithMessage(err, "optim: restore")
	}
	step, err := restore(o.State(), state, o.squares())
	if err != nil {
		return errors.WithMessage(err, "optim: restore")
	}
	if o.device != nil { // what it was about is gone
		if err := o.settle(); err != nil && !stderrors.Is(err, ErrNotFinite) {
			return errors.WithMessage(err, "optim: restore")
		}
	}
	o.changed()
	o.step = step
	return nil
}

// checkNames reports two tensors of one name in a state.
func checkNames(state []State) error {
	seen := make(map[string]bool)
	for _, s := range state {
		if seen[s.Name] {
			return errors.Errorf("two tensors of the state are named %q: rename a parameter, or leave out one of "+
				"two transforms of a kind", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

// squares returns the names of the tensors of the state that are means of squares.
func (o *Optimizer) squares() map[string]bool {
	names := make(map[string]bool)
	for _, t := range o.chain {
		if s, ok := t.(interface{ squares(p []*nn.Param) []State }); ok {
			for _, v := range s.squares(o.params) {
				names["optim."+v.Name] = true
			}
		}
	}
	return names
}

// restore copies state into the tensors of have, whose first is a counter, and
// returns the counter. It checks everything before it copies anything. Tensors named in
// squares may not be below 0.
func restore(have, state []State, squares map[string]bool) (int, error) {
	byName := make(map[string]*tensor.Dense)
	for _, s := range state {
		if _, twice := byName[s.Name]; twice || s.Value == nil {
			return 0, errors.Wrapf(ErrState, "%q is there twice, or has no value", s.Name)
		}
		byName[s.Name] = s.Value
	}
	var problems []string
	for _, h := range have {
		v, ok := byName[h.Name]
		delete(byName, h.Name)
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("%q is missing", h.Name))
		case v.Dtype() != h.Value.Dtype() || !slices.Equal(v.Shape(), h.Value.Shape()) || v.RequiresIterator() ||
			v.DataOrder().IsColMajor():
			problems = append(problems, fmt.Sprintf("%q is %v %v, want contiguous %v %v", h.Name, v.Dtype(), v.Shape(),
				h.Value.Dtype(), h.Value.Shape()))
		}
	}
	for _, s := range state {
		if _, left := byName[s.Name]; left {
			problems = append(problems, fmt.Sprintf("%q is not known", s.Name))
		}
	}
	if len(problems) > 0 {
		return 0, errors.Wrap(ErrState, summary(problems))
	}
	for _, s := range state {
		byName[s.Name] = s.Value
	}
	step := byName[have[0].Name].Int64s()[0]
	if step < 0 || int64(int(step)) != step {
		return 0, errors.Wrapf(ErrState, "%q is %d, want a count", have[0].Name, step)
	}
	for _, h := range have[1:] {
		if err := checkValues(h.Name, byName[h.Name], squares[h.Name]); err != nil {
			return 0, err
		}
	}
	for _, h := range have[1:] {
		dense.Copy(h.Value, byName[h.Name])
	}
	return int(step), nil
}

// checkValues reports a number of a state that no step can go on from: NaN, infinite, or
// below 0 where it is a mean of squares.
func checkValues(name string, v *tensor.Dense, square bool) error {
	values, err := nn.Floats(nil, v)
	if err != nil {
		return errors.Wrapf(ErrState, "%q: %v", name, err)
	}
	for i, x := range values {
		switch {
		case x-x != 0:
			return errors.Wrapf(ErrState, "%q holds %v at element %d of %d, and every step from it would be lost: go "+
				"on from an earlier checkpoint, with CheckFinite before the moments", name, x, i, len(values))
		case square && x < 0:
			return errors.Wrapf(ErrState, "%q holds %v at element %d of %d, and a mean of squares is not below 0",
				name, x, i, len(values))
		}
	}
	return nil
}

// summary joins the first few of problems.
func summary(problems []string) string {
	const most = 8
	if n := len(problems) - most; n > 0 {
		problems = append(problems[:most:most], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(problems, "; ")
}

func counter(name string, n int) State {
	return State{name, tensor.New(tensor.WithShape(1), tensor.WithBacking([]int64{int64(n)}))}
}

// slots is one tensor for each parameter, of its shape and dtype. Of nil slots
// every tensor is empty.
type slots []*tensor.Dense

func newSlots(p []*nn.Param) slots {
	s := make(slots, len(p))
	for i, q := range p {
		s[i] = dense.Like(q.Value)
	}
	return s
}

func (s slots) float32s(i int) []float32 {
	if s == nil {
		return nil
	}
	return s[i].Float32s()
}

func (s slots) float64s(i int) []float64 {
	if s == nil {
		return nil
	}
	return s[i].Float64s()
}

// state names the tensors "<parameter>.<role>".
func (s slots) state(p []*nn.Param, role string) []State {
	var all []State
	if len(s) != len(p) { // not those that it was started with
		return nil
	}
	for i, v := range s {
		if p[i] == nil {
			return nil
		}
		all = append(all, State{p[i].Name + "." + role, v})
	}
	return all
}
