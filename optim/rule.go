package optim

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// A Rule is an update that is stated once, for every machine: an op that writes to
// parameters and to states, and the numbers that it needs at a step.
type Rule struct {
	States  []string                      // what it remembers of a parameter: "m", "v"
	Op      func(p []*nn.Param) op.Op     // on (p, gradient, states…) of each, all of one dtype, and the numbers
	Count   int                           // of numbers
	Numbers func(step int, dst []float64) // at a step, which counts from 1
}

// NewRule returns the optimizer that updates params by a rule of one's own.
//
// Errors: as New; a Rule without Op or Numbers, or with a Count below 0 or above 4096.
func NewRule(params []*nn.Param, r Rule) (*Optimizer, error) {
	const most = 4096
	if r.Op == nil || r.Numbers == nil || r.Count < 0 || r.Count > most {
		return nil, errors.Errorf("optim: rule: Op is nil: %t, Numbers is nil: %t, Count is %d; want both functions and a Count from 0 to %d", r.Op == nil, r.Numbers == nil, r.Count, most)
	}
	return start("optim: rule", params, nil, &own{ruled: ruled{Rule: r}})
}

// own is the end of the chain of NewRule.
type own struct {
	ruled
	values []slots
}

func (o *own) kernels() *ruled { return &o.ruled }

// Start implements Starter.
func (o *own) Start(p []*nn.Param) error {
	for range o.States {
		o.values = append(o.values, newSlots(p))
	}
	o.ruled.start(p, o.values...)
	return nil
}

// Check implements Checker.
func (o *own) Check(int, []*tensor.Dense, []*nn.Param) error { return nil }

// Update implements Transform.
func (o *own) Update(step int, u []*tensor.Dense, p []*nn.Param) error { return o.step(step, u, p) }

// State implements Stateful.
func (o *own) State(p []*nn.Param) (all []State) {
	for i, role := range o.States {
		all = append(all, o.values[i].state(p, role)...)
	}
	return all
}

// A ruled runs a Rule in the engine: one program for each list of gradients that it
// has met, since a program reads gradients where they lie.
type ruled struct {
	Rule
	states   [][]*nn.Param
	all      []*nn.Param // the states, one after the other
	numbers  *tensor.Dense
	programs []ruledProgram
}

type ruledProgram struct {
	grads   []uintptr
	updates []*nn.Update // one for each dtype
}

// start makes the states: values[k][i] is state k of parameter i.
func (r *ruled) start(p []*nn.Param, values ...slots) {
	r.numbers = tensor.New(tensor.WithShape(r.Count), tensor.Of(tensor.Float64))
	for i, q := range p {
		var s []*nn.Param
		for k, role := range r.States {
			s = append(s, &nn.Param{Name: q.Name + "." + role, Value: values[k][i], Fixed: true})
		}
		r.states, r.all = append(r.states, s), append(r.all, s...)
	}
}

// step updates p from the gradients u.
func (r *ruled) step(step int, u []*tensor.Dense, p []*nn.Param) error {
	updates, err := r.of(u, p)
	if err != nil {
		return err
	}
	r.Numbers(step, r.numbers.Float64s())
	for _, update := range updates {
		if err := update.Run(); err != nil {
			return err
		}
	}
	return nil
}

// of returns the programs for these gradients.
func (r *ruled) of(u []*tensor.Dense, p []*nn.Param) ([]*nn.Update, error) {
	for i, q := range r.programs {
		if q.updates[0].Gone() {
			r.programs = slices.Delete(r.programs, i, i+1)
			break
		}
	}
	for _, q := range r.programs {
		if q.reads(u) {
			return q.updates, nil
		}
	}
	q := ruledProgram{}
	for _, t := range u {
		q.grads = append(q.grads, t.Uintptr())
	}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		var params []*nn.Param
		var in []nn.UpdateInput
		for i, x := range p {
			if x.Value.Dtype() == dt {
				params, in = append(params, x), append(in, nn.UpdateInput{Param: x, Grad: u[i], State: r.states[i]})
			}
		}
		if len(in) == 0 {
			continue
		}
		update, err := nn.NewUpdate(r.Op(params), in, r.numbers)
		if err != nil {
			return nil, err
		}
		q.updates = append(q.updates, update)
	}
	r.programs = append(r.programs, q)
	return q.updates, nil
}

func (q ruledProgram) reads(u []*tensor.Dense) bool {
	for i, t := range u {
		if q.grads[i] != t.Uintptr() {
			return false
		}
	}
	return true
}
