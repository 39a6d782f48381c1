package optim

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// A measuring transform looks at all updates together where they lie.
type measuring interface {
	// look is Check: it gets the gradients as they came.
	look(m *measures) error
	// measure is Update.
	measure(m *measures) error
}

// measures compute figures of the updates of one step.
type measures struct {
	o     *Optimizer
	step  int
	u     []*tensor.Dense
	spare []*nn.Param
	rules map[update.Figure]*ruled
	scale float64 // of what is measured
	by    float64 // what multiply multiplies by
	times *ruled
}

func newMeasures(o *Optimizer) *measures {
	m := &measures{o: o, rules: make(map[update.Figure]*ruled)}
	m.times = newRuled(stepOf(update.Scale, 1, nil, func(_ int, dst []float64) { dst[0] = m.by }), o.params)
	return m
}

// multiply multiplies all updates.
func (m *measures) multiply(by float64) error {
	m.by = by
	return m.times.step(m.step, m.u, m.o.params, m.spare)
}

// of returns a figure for each dtype, of updates that are multiplied by scale, and
// which parameters each is of.
func (m *measures) of(f update.Figure, scale float64) (values []float64, of [][]int, err error) {
	m.scale = scale
	r := m.rules[f]
	if r == nil {
		r = newRuled(Rule{
			Count: 1, Numbers: func(_ int, dst []float64) { dst[0] = m.scale },
			Op: func(p []*nn.Param) op.Op { return update.Measure{Figure: f, Tensors: len(p)} },
		}, m.o.params)
		m.rules[f] = r
	}
	if err := r.step(m.step, m.u, m.o.params, m.spare); err != nil {
		return nil, nil, err
	}
	q, err := r.of(m.u, m.o.params, m.spare)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range q.updates {
		v, err := u.Value()
		if err != nil {
			return nil, nil, err
		}
		values = append(values, v)
	}
	return values, q.of, nil
}

// norm is Norm of the updates.
func (m *measures) norm() (float64, error) {
	sum, err := m.total(1)
	if err != nil || sum > 1e-280 && sum <= math.MaxFloat64 {
		return math.Sqrt(sum), err
	}
	all, _, err := m.of(update.Largest, 1)
	hi := 0.0
	for _, v := range all {
		hi = max(hi, v)
	}
	if err != nil || hi == 0 || hi-hi != 0 {
		return hi, err
	}
	exp := exponent(hi)
	sum, err = m.total(math.Ldexp(1, -exp))
	return math.Ldexp(math.Sqrt(sum), exp), err
}

func (m *measures) total(scale float64) (sum float64, err error) {
	all, _, err := m.of(update.Squares, scale)
	for _, v := range all {
		sum += v
	}
	return sum, err
}

// A resident is an optimizer's part of a device.
type resident struct {
	*measures
	alike  []bool // which gradients share memory with an earlier one
	few    []*nn.Param
	grads  []*tensor.Dense
	copies []*nn.Param
	copy   *ruled // of these, to memory of their own
}

// updateOnDevice is update for gradients on a device.
func (o *Optimizer) updateOnDevice(step int, grads []*tensor.Dense) error {
	if o.device == nil {
		for i, t := range o.chain {
			if _, ok := t.(measuring); !ok && o.rules[i] == nil {
				return errors.Errorf("transform %d, %T, has no rule for a device: run the program on the host", i+1, t)
			}
		}
		o.device = &resident{measures: newMeasures(o)}
	}
	d := o.device
	d.measures.step, d.u, d.spare = step, grads, nil
	for _, t := range o.chain {
		var err error
		switch t := t.(type) {
		case measuring:
			err = t.look(d.measures)
		case Checker:
			err = t.Check(step, grads, o.params)
		}
		if err != nil {
			return err
		}
	}
	if err := d.separate(grads); err != nil {
		return err
	}
	for i, t := range o.chain {
		var err error
		if t, ok := t.(measuring); ok {
			err = t.measure(d.measures)
		} else {
			err = o.rules[i].step(step, grads, o.params, d.spare)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// separate copies the gradients that an earlier parameter has too.
func (d *resident) separate(grads []*tensor.Dense) error {
	if alike := d.o.apart.alike(grads, d.o.params); !slices.Equal(alike, d.alike) {
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
	return d.copy.step(d.measures.step, d.grads, d.few, nil)
}
