package optim

import (
	stderrors "errors"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// A checking transform can refuse a step for a reason that is only known on the device: its rules close the gate of
// the step, after which all later rules of the step write nothing.
type checking interface{ checks(p []*nn.Param) []check }

// A check is a rule of update.Measure with the error that it stands for.
type check struct {
	first bool // it looks at the gradients as they came
	*ruled
	explain func(f *update.Found, p *nn.Param, at int) error
}

// newCheck returns the check of a figure, with that many numbers.
func newCheck(
	f update.Figure, p []*nn.Param, factor func(*nn.Param) float64, count int, numbers func(step int, dst []float64),
	explain func(f *update.Found, p *nn.Param, at int) error,
) check {
	return check{ruled: newRuled(Rule{Count: count, Numbers: numbers, Op: func(p []*nn.Param) op.Op {
		return update.Measure{Figure: f, Factors: factorsOf(p, factor)}
	}}, p), explain: explain}
}

// failed returns what the check has found in a step, once it is done, and which of the
// parameters p it is about.
func (c *check) failed(q *ruledProgram, p []*nn.Param) (first int, err error) {
	first = len(p)
	for k, u := range q.updates {
		e := u.Wait()
		f := new(update.Found)
		if !stderrors.As(e, &f) {
			if e != nil {
				return 0, e
			}
			continue
		}
		at := f.Element
		for _, i := range q.of[k] {
			if n := p[i].Value.Size(); at >= n {
				at -= n
				continue
			}
			if i < first {
				first, err = i, c.explain(f, p[i], at)
			}
			break
		}
	}
	return first, err
}

// A resident is an optimizer's part of a device.
type resident struct {
	o      *Optimizer
	gate   *nn.Param
	checks [][]check   // before each transform
	asked  []asked     // in the last step
	step   int         // that one
	spare  []*nn.Param // the updates whose memory is not that of the gradients
	alike  []bool      // which gradients share memory with an earlier one
	few    []*nn.Param
	grads  []*tensor.Dense
	copies []*nn.Param
	copy   *ruled // of these, to memory of their own
}

// asked is a check that was queued.
type asked struct {
	*check
	by *ruledProgram
}

// newResident returns o's part of a device.
//
// Errors: a transform that has no rule there.
func newResident(o *Optimizer) (*resident, error) {
	d := &resident{o: o, checks: make([][]check, len(o.chain))}
	var all []*ruled
	for i, t := range o.chain {
		c, ok := t.(checking)
		if ok {
			d.checks[i] = c.checks(o.params)
		}
		if !ok && o.rules[i] == nil {
			return nil, errors.Errorf("transform %d, %T, has no rule for a device: run the program on the host", i+1, t)
		}
		for k := range d.checks[i] {
			all = append(all, d.checks[i][k].ruled)
		}
	}
	if len(all) == 0 {
		return d, nil
	}
	d.gate = &nn.Param{Name: "the gate of the step", Frozen: true,
		Value: tensor.New(tensor.WithShape(update.GateSize), tensor.Of(tensor.Float64))}
	for _, r := range append(all, o.rules...) {
		if r != nil {
			r.gate = d.gate
		}
	}
	return d, nil
}

// updateOnDevice is update for gradients on a device. It queues everything and does not wait; settle returns what the
// checks have found.
func (o *Optimizer) updateOnDevice(step int, grads []*tensor.Dense) (err error) {
	if o.device == nil {
		if o.device, err = newResident(o); err != nil {
			return err
		}
	}
	d := o.device
	d.step, d.asked, d.spare = step, d.asked[:0], nil
	for i, t := range o.chain {
		if c, ok := t.(Checker); ok && !d.replaces(i) {
			if err := c.Check(step, grads, o.params); err != nil {
				return err
			}
		}
	}
	for i := range o.chain {
		if err := d.check(i, true, grads); err != nil {
			return err
		}
	}
	if err := d.separate(grads); err != nil {
		return err
	}
	for i := range o.chain {
		if err := d.check(i, false, grads); err != nil {
			return err
		}
		if r := o.rules[i]; r != nil {
			if err := r.step(step, grads, o.params, d.spare); err != nil {
				return err
			}
		}
	}
	return nil
}

// replaces reports whether a check on the device is the Check of transform i.
func (d *resident) replaces(i int) bool {
	return slices.ContainsFunc(d.checks[i], func(c check) bool { return c.first })
}

// check queues the checks before transform i, those of the gradients as they came or
// the others.
func (d *resident) check(i int, first bool, grads []*tensor.Dense) error {
	for k := range d.checks[i] {
		c := &d.checks[i][k]
		if c.first != first {
			continue
		}
		c.opens = len(d.asked) == 0
		if err := c.ruled.step(d.step, grads, d.o.params, d.spare); err != nil {
			return err
		}
		q, err := c.of(grads, d.o.params, d.spare)
		if err != nil {
			return err
		}
		d.asked = append(d.asked, asked{c, q})
	}
	return nil
}

// settle waits for the last step on a device, if that has not been waited for. If the step was refused, it takes it
// back from the count and returns the error.
func (o *Optimizer) settle() (err error) {
	if o.device == nil {
		return nil
	}
	d := o.device
	for _, a := range d.asked {
		if _, e := a.failed(a.by, o.params); err == nil {
			err = e
		}
	}
	if d.asked = d.asked[:0]; err == nil {
		return nil
	}
	o.step = d.step - 1
	return errors.WithMessagef(err, "step %d", d.step)
}

// separate copies the gradients that an earlier parameter has too.
func (d *resident) separate(grads []*tensor.Dense) error {
	if alike := d.o.copies.alike(grads, d.o.params); !slices.Equal(alike, d.alike) {
		d.alike, d.few, d.copy = slices.Clone(alike), nil, nil
	}
	if !slices.Contains(d.alike, true) {
		return nil
	}
	if d.copy == nil {
		for i, is := range d.alike {
			if is {
				d.few = append(d.few, d.o.params[i])
			}
		}
		r := stepOf(update.Copy, 1, nil, func(int, []float64) {})
		r.States = []string{"gradient"}
		d.copy = newRuled(r, d.few, newSlots(d.few))
		d.copies = make([]*nn.Param, len(grads))
		for i, k := 0, 0; i < len(grads); i++ {
			if d.alike[i] {
				d.copies[i] = d.copy.all[k]
				k++
			}
		}
	}
	d.grads = d.grads[:0]
	for i, g := range grads {
		if d.alike[i] {
			d.grads = append(d.grads, g)
		}
	}
	d.spare = d.copies
	return d.copy.step(d.step, d.grads, d.few, nil)
}
