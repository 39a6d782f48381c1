// Package optim turns gradients into parameter updates.
//
// An optimizer is a list of parameters and a chain of transforms. Each
// transform is a few loops that rewrite the updates in place: they enter the
// chain as gradients, and what leaves it is subtracted from the parameters.
//
//	o, err := optim.New(params,
//		optim.CheckFinite{},
//		optim.ClipNorm{Max: 1},
//		&optim.ScaleByAdam{},
//		optim.WeightDecay{Rate: 0.05},
//		optim.LearningRate{Rate: optim.CosineAnnealing(1e-3, steps, 0)},
//	)
//
// NewSGD, NewAdam and NewAdamW are the chains that people use by name. They
// compute the same, up to rounding, and read and write memory once a step.
//
// # Conventions
//
// Steps count from 1. Formulas and their order are those of PyTorch, so that a
// trajectory can be compared with torch.optim's number by number. The moments have
// the dtype of their parameter. A parameter that is NoDecay is exempt from
// every weight decay, coupled or decoupled. Weights are never changed by a step
// that returns an error, and a step allocates nothing.
package optim

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
)

// A Transform rewrites one step's updates.
//
// A transform may have more methods, which the Optimizer finds: Starter,
// Checker, Stateful.
type Transform interface {
	// Update replaces u[i], which enters the first transform as the gradient
	// of p[i], by what to subtract from p[i]. It must not write to p. Step
	// counts from 1. u[i] has the dtype and the size of p[i].Value.
	Update(step int, u []*tensor.Dense, p []*nn.Param) error
}

// A Starter is a Transform that has settings to check or memory to allocate.
type Starter interface {
	// Start is called once, when the optimizer is made. A transform that keeps state returns an error if it has been
	// started before.
	Start(p []*nn.Param) error
}

// A Checker is a [Transform] that can refuse a step.
type Checker interface {
	// Check gets the gradients as they came. All transforms are asked before
	// the first one updates anything; it must not write to g or p.
	Check(step int, g []*tensor.Dense, p []*nn.Param) error
}

// An Optimizer applies a chain of transforms to a fixed list of parameters. Its
// methods may not be called concurrently.
type Optimizer struct {
	params []*nn.Param
	chain  []Transform // the last one writes to the parameters
	step   int         // steps taken
	rules  []*ruled    // of each transform that has one, else nil
	copies copies
	device *resident // nil until gradients are on one
}

// New returns the optimizer that subtracts from params their gradients as rewritten by the transforms of chain, in
// order. Params that are Frozen are left out. An empty chain is gradient descent of rate 1. A transform that keeps
// state belongs to one optimizer.
//
// Errors: no parameters, or two of one name or memory; a parameter that is not
// float32 or float64, contiguous and row-major; settings out of range.
func New(params []*nn.Param, chain ...Transform) (*Optimizer, error) {
	return start("optim", params, chain, subtract{})
}

// start makes the optimizer that ends in last, which writes to the parameters.
// Messages name who.
func start(who string, params []*nn.Param, chain []Transform, last Transform) (*Optimizer, error) {
	if err := checkParams(params); err != nil {
		return nil, errors.WithMessage(err, who)
	}
	o := &Optimizer{params: nn.Trained(params)}
	if len(o.params) == 0 {
		return nil, errors.Errorf("%s: all %d parameters are Frozen", who, len(params))
	}
	for i, t := range chain {
		if t == nil {
			return nil, errors.Errorf("%s: transform %d of %d is nil", who, i+1, len(chain))
		}
		o.chain = append(o.chain, t)
	}
	o.chain = append(o.chain, last)
	for _, t := range o.chain {
		if s, ok := t.(Starter); ok {
			if err := s.Start(o.params); err != nil {
				return nil, errors.WithMessage(err, who)
			}
		}
	}
	if err := checkNames(o.State()); err != nil {
		return nil, errors.WithMessage(err, who)
	}
	watched := slices.ContainsFunc(o.chain, isCheckFinite)
	for _, t := range o.chain {
		if w, ok := t.(interface{ watch() }); ok && watched {
			w.watch()
		}
		o.rules = append(o.rules, ruleOf(t, o.params))
	}
	o.copies.init(o.params)
	return o, nil
}

// Params returns the parameters that o updates.
func (o *Optimizer) Params() []*nn.Param {
	if o == nil {
		return nil
	}
	return append([]*nn.Param(nil), o.params...)
}

// StepCount returns the number of steps taken.
func (o *Optimizer) StepCount() int {
	if o == nil {
		return 0
	}
	return o.step
}

// made reports an optimizer that was not made by a function of this package.
func (o *Optimizer) made() error {
	if o == nil || len(o.chain) == 0 {
		return errors.New("the Optimizer was not made by New, NewSGD, NewAdam, NewAdamW or NewRule")
	}
	return nil
}

// LR returns the learning rate of the last step, or before it that of the
// first: the product of the schedules in the chain.
func (o *Optimizer) LR() float64 {
	if o == nil {
		return 0
	}
	lr := 1.0
	for _, t := range o.chain {
		if r, ok := t.(interface{ lr(step int) float64 }); ok {
			lr *= r.lr(max(o.step, 1))
		}
	}
	return lr
}

// Step updates the parameters from their gradients, which are in the order of
// Params, and may overwrite the gradients. Two of them may be the same memory.
//
// An error leaves the parameters and the count of steps as they were. Moments
// are unchanged too, unless a transform that follows them in the chain fails.
//
// On a device Step queues its work and returns without waiting; only eight bytes are read back later. If
// [CheckFinite] or [ClipNorm] refuse the step there, it changes nothing. The error is returned by the next Step,
// which then does nothing else, or by [Optimizer.Wait] or [Optimizer.Sync] if one of them is called first. It names
// the refused step, which is no longer counted by [Optimizer.StepCount]. What the caller did in between, such as an
// EMA's Update or a Commit of statistics, is not undone.
//
// Errors: gradients that do not fit the parameters; a learning rate that is
// negative or not finite; what the transforms report.
func (o *Optimizer) Step(grads []*tensor.Dense) error {
	if err := o.made(); err != nil {
		return errors.WithMessage(err, "optim: step")
	}
	if err := o.settle(); err != nil {
		return errors.WithMessage(err, "optim")
	}
	step := o.step + 1
	if err := o.checkGrads(grads); err != nil {
		return errors.WithMessagef(err, "optim: step %d", step)
	}
	if err := o.update(step, grads); err != nil {
		return errors.WithMessagef(err, "optim: step %d", step)
	}
	o.step = step
	return nil
}

// update runs the chain: where all gradients lie on the device of their parameters, by
// the rules of the transforms; else on the host, to which it brings what is elsewhere.
func (o *Optimizer) update(step int, grads []*tensor.Dense) error {
	if nn.OnDevice(o.params, grads) {
		return o.updateOnDevice(step, grads)
	}
	if err := first(nn.Sync(o.params), o.Sync()); err != nil {
		return err
	}
	for _, t := range o.chain {
		if c, ok := t.(Checker); ok {
			if err := c.Check(step, grads, o.params); err != nil {
				return err
			}
		}
	}
	u := o.copies.separate(grads, o.params)
	for _, t := range o.chain {
		if err := t.Update(step, u, o.params); err != nil {
			return err
		}
	}
	return nil
}

// Wait waits until the last Step on a device is done, and returns its error if it was refused: see [Optimizer.Step].
func (o *Optimizer) Wait() error {
	if err := o.made(); err != nil {
		return errors.WithMessage(err, "optim: wait")
	}
	return errors.WithMessage(o.settle(), "optim")
}

// Sync copies the states of the transforms from the device to the host, where those of the device are newer: call it
// before State. Its error may be that of the last Step on the device.
func (o *Optimizer) Sync() error {
	if err := o.made(); err != nil {
		return errors.WithMessage(err, "optim: sync")
	}
	if err := o.settle(); err != nil {
		return errors.WithMessage(err, "optim: sync")
	}
	for _, r := range o.rules {
		if r == nil {
			continue
		}
		if err := nn.Sync(r.all); err != nil {
			return errors.WithMessage(err, "optim: synchronise")
		}
	}
	return nil
}

// changed says that the states of the transforms were set on the host.
func (o *Optimizer) changed() {
	for _, r := range o.rules {
		if r != nil {
			nn.Changed(r.all)
		}
	}
}

// subtract is the end of every chain without a rule of its own: p ← p − u.
type subtract struct{}

func (subtract) Update(_ int, u []*tensor.Dense, p []*nn.Param) error {
	for i, t := range u {
		switch v := p[i].Value; v.Dtype() {
		case tensor.Float32:
			simd.Axpy(v.Float32s(), -1, t.Float32s())
		case tensor.Float64:
			simd.Axpy(v.Float64s(), -1, t.Float64s())
		}
	}
	return nil
}

func (subtract) rule() Rule {
	return stepOf(update.Subtract, 1, nil, func(int, []float64) {})
}
