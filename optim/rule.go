package optim

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// A Rule is an update that is defined once for host and device: an op that writes to parameters and states, and the
// numbers that it needs at a step.
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
		return nil, errors.Errorf(
			"optim: rule: Op is nil: %t, Numbers is nil: %t, Count is %d; want both functions and a Count from 0 to %d",
			r.Op == nil, r.Numbers == nil, r.Count, most)
	}
	return start("optim: rule", params, nil, &own{Rule: r})
}

// own is the end of the chain of NewRule.
type own struct {
	Rule
	values  []slots
	program *ruled
}

// Start implements Starter.
func (o *own) Start(p []*nn.Param) error {
	for range o.States {
		o.values = append(o.values, newSlots(p))
	}
	o.program = newRuled(o.Rule, p, o.values...)
	return nil
}

// Update implements Transform.
func (o *own) Update(step int, u []*tensor.Dense, p []*nn.Param) error {
	return o.program.step(step, u, p, nil)
}

// State implements Stateful.
func (o *own) State(p []*nn.Param) (all []State) {
	for i, role := range o.States {
		all = append(all, o.values[i].state(p, role)...)
	}
	return all
}

func (o *own) ruled([]*nn.Param) *ruled { return o.program }

// A stated transform is one whose update is a rule without memory.
type stated interface{ rule() Rule }

// A remembering transform has a rule whose states are its own.
type remembering interface{ ruled(p []*nn.Param) *ruled }

// ruleOf returns the rule of a transform in the engine, nil if it has none.
func ruleOf(t Transform, p []*nn.Param) *ruled {
	switch t := t.(type) {
	case remembering:
		return t.ruled(p)
	case stated:
		return newRuled(t.rule(), p)
	}
	return nil
}

// stepOf returns the rule of a kind, with that many numbers. factor is that of each
// parameter; nil is 1.
func stepOf(kind update.Kind, count int, factor func(p *nn.Param) float64, numbers func(step int, dst []float64)) Rule {
	return Rule{Count: count, Numbers: numbers, Op: func(p []*nn.Param) op.Op {
		return update.Step{Kind: kind, Factors: factorsOf(p, factor)}
	}}
}

// factorsOf returns the factor of each parameter as an attribute; nil is 1.
func factorsOf(p []*nn.Param, factor func(p *nn.Param) float64) string {
	f := make([]float64, len(p))
	for i, q := range p {
		if f[i] = 1; factor != nil {
			f[i] = factor(q)
		}
	}
	return update.Factors(f...)
}
