package optim

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// A deviceTransform is a Transform that also knows how to update on a device.
type deviceTransform interface {
	// operandsOn returns what the transform's kernels read and write for a parameter.
	operandsOn(d *device, i int) (operands, error)
	// updateOn launches them.
	updateOn(d *device, step int) error
}

// A deviceChecker is a Checker that also looks at gradients on a device.
type deviceChecker interface {
	checkOn(d *device, step int) error
}

// A device is an optimizer's part of one: the gradients in hand, the moments.
type device struct {
	*many
	params  []*nn.Param
	value   []*cuda.Mirror
	u       []launch.Ptr // the updates: the gradients, where they lie or copied
	known   []launch.Ptr // the gradients that the tables are of
	spare   []*cuda.Mem
	moments map[*tensor.Dense]*cuda.Mirror
	step    func() error
	chain   []Transform
	at      int // the transform at work
	now     int // the step in hand
	grads   []*tensor.Dense
}

// onDevice reports whether all gradients lie on the device of their parameters.
func (o *Optimizer) onDevice(grads []*tensor.Dense) bool {
	for i, p := range o.params {
		if _, _, ok := p.OnDevice(grads[i]); !ok {
			return false
		}
	}
	return true
}

// stepOnDevice is Step for gradients on a device.
func (o *Optimizer) stepOnDevice(grads []*tensor.Dense) error {
	if o.device == nil {
		if err := o.enter(grads); err != nil {
			return err
		}
	}
	o.device.now, o.device.grads = o.step+1, grads
	return o.device.dev.Do(o.device.step)
}

// enter makes the optimizer's part of the device, until the parameters leave it.
func (o *Optimizer) enter(grads []*tensor.Dense) error {
	if err := o.checkTransforms(); err != nil {
		return err
	}
	n := len(o.params)
	d := &device{params: o.params, chain: o.chain, moments: make(map[*tensor.Dense]*cuda.Mirror), spare: make([]*cuda.Mem, n), u: make([]launch.Ptr, n)}
	for i, p := range o.params {
		m, _, _ := p.OnDevice(grads[i])
		d.value = append(d.value, m)
		if m.Device() != d.value[0].Device() {
			return errors.Errorf("parameters %q and %q are on two devices: an optimizer each", o.params[0].Name, p.Name)
		}
	}
	d.step = func() error { return d.run() }
	dev := d.value[0].Device()
	err := dev.Do(func() (err error) {
		d.many, err = newMany(dev, o.params, len(o.chain))
		return err
	})
	if err != nil {
		return err
	}
	o.device = d
	o.params[0].WhenLeaving(func() error {
		o.device = nil
		return d.free()
	})
	return nil
}

// checkTransforms reports one that cannot work on a device.
func (o *Optimizer) checkTransforms() error {
	for i, t := range o.chain {
		if _, ok := t.(deviceTransform); !ok {
			return errors.Errorf("transform %d, %T, has no CUDA kernel: run the program on the host", i+1, t)
		}
		if _, checks := t.(Checker); !checks {
			continue
		}
		if _, ok := t.(deviceChecker); !ok {
			return errors.Errorf("transform %d, %T, cannot check gradients on a device: run the program on the host", i+1, t)
		}
	}
	return nil
}

// run takes a step.
func (d *device) run() error {
	before := d.stream.Moved
	if err := d.prepare(); err != nil {
		return err
	}
	for i, t := range d.chain {
		if c, ok := t.(deviceChecker); ok {
			d.at = i
			if err := c.checkOn(d, d.now); err != nil {
				return err
			}
		}
	}
	for i, t := range d.chain {
		d.at = i
		if err := t.(deviceTransform).updateOn(d, d.now); err != nil {
			return err
		}
	}
	for _, m := range d.value {
		m.Written()
	}
	for _, m := range d.moments {
		m.Written()
	}
	d.params[0].Account(d.grads[0], d.stream.Moved.Since(before))
	return nil
}

// prepare finds the gradients, and brings what the host has changed.
func (d *device) prepare() error {
	for i, p := range d.params {
		_, at, _ := p.OnDevice(d.grads[i])
		d.u[i] = at
	}
	if err := d.separate(); err != nil {
		return err
	}
	for _, m := range d.moments {
		if err := m.Push(); err != nil {
			return err
		}
	}
	if slices.Equal(d.u, d.known) {
		return nil
	}
	for i, t := range d.chain {
		if err := d.set(i, func(j int) (operands, error) { return t.(deviceTransform).operandsOn(d, j) }); err != nil {
			return err
		}
	}
	d.known = append(d.known[:0], d.u...)
	return nil
}

// separate copies a gradient that an earlier parameter has too.
func (d *device) separate() error {
	for i, at := range d.u {
		for _, other := range d.u[:i] {
			if other != at {
				continue
			}
			if d.spare[i] == nil {
				m, err := d.dev.Alloc(d.bytes(i), "the optimizer")
				if err != nil {
					return err
				}
				d.spare[i] = m
			}
			d.u[i] = d.spare[i].Ptr
			if err := d.stream.Copy(d.u[i], at, d.bytes(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *device) bytes(i int) int {
	if d.double[i] {
		return 8 * d.n[i]
	}
	return 4 * d.n[i]
}

// free takes the moments back to the host and gives back all memory.
func (d *device) free() error {
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	for _, m := range d.moments {
		keep(m.Pull())
		keep(m.Free())
	}
	for _, m := range d.spare {
		keep(m.Free())
	}
	keep(d.many.free())
	return first
}
