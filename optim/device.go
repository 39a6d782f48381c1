package optim

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"
)

// A deviceTransform is a Transform that also knows how to update on a device.
type deviceTransform interface {
	updateOn(d *device, step int) error
}

// A deviceChecker is a Checker that also looks at gradients on a device.
type deviceChecker interface {
	checkOn(d *device, step int) error
}

// A device is an optimizer's part of one: the gradients in hand, the moments.
type device struct {
	dev    *cuda.Device
	stream *cuda.Stream
	params []*nn.Param
	value  []*cuda.Mirror
	u      []cuda.Ptr // the updates: the gradients, where they lie or copied
	n      []int
	double []bool

	spare    []*cuda.Mem // for a gradient that another parameter has too
	moments  map[*tensor.Dense]*cuda.Mirror
	launches map[launchKey]*cuda.Launch
	scratch  *cuda.Mem // 256 partial sums, then a number for each parameter
	numbers  []float64 // those, on the host
	step     func() error
	chain    []Transform
	now      int // the step in hand
	grads    []*tensor.Dense
}

// A launchKey is a kernel for a parameter.
type launchKey struct {
	kernel string
	i      int
}

const parts = 256

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
	for i, t := range o.chain {
		if _, ok := t.(deviceTransform); !ok {
			return errors.Errorf("transform %d, %T, has no CUDA kernel: run the program on the host", i+1, t)
		}
		if _, checks := t.(Checker); checks {
			if _, ok := t.(deviceChecker); !ok {
				return errors.Errorf("transform %d, %T, cannot check gradients on a device: run the program on the host", i+1, t)
			}
		}
	}
	first, _, _ := o.params[0].OnDevice(grads[0])
	d := &device{dev: first.Device(), params: o.params, chain: o.chain, moments: make(map[*tensor.Dense]*cuda.Mirror), launches: make(map[launchKey]*cuda.Launch)}
	n := len(o.params)
	d.value, d.u, d.n, d.double = make([]*cuda.Mirror, n), make([]cuda.Ptr, n), make([]int, n), make([]bool, n)
	d.spare, d.numbers = make([]*cuda.Mem, n), make([]float64, n)
	for i, p := range o.params {
		d.value[i], _, _ = p.OnDevice(grads[i])
		d.n[i], d.double[i] = p.Value.Size(), p.Value.Dtype() == tensor.Float64
		if d.value[i].Device() != d.dev {
			return errors.Errorf("parameters %q and %q are on two devices: an optimizer each", o.params[0].Name, p.Name)
		}
	}
	d.step = func() error { return d.run() }
	err := d.dev.Do(func() (err error) {
		if d.stream, err = d.dev.Compute(); err != nil {
			return err
		}
		d.scratch, err = d.dev.Alloc(8*(parts+n), "the optimizer")
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

// run takes a step.
func (d *device) run() error {
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
	for _, t := range d.chain {
		if c, ok := t.(deviceChecker); ok {
			if err := c.checkOn(d, d.now); err != nil {
				return err
			}
		}
	}
	for _, t := range d.chain {
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
	keep(d.scratch.Free())
	return first
}

// Sync makes the moments on the host those of the device, where there are newer
// ones: call it before State.
func (o *Optimizer) Sync() error {
	d := o.device
	if d == nil {
		return nil
	}
	return errors.WithMessage(d.dev.Do(func() error {
		for _, m := range d.moments {
			if err := m.Pull(); err != nil {
				return err
			}
		}
		return nil
	}), "optim: synchronise")
}

// toHost brings parameters and moments to the host, for a step there.
func (o *Optimizer) toHost() error {
	if err := nn.Sync(o.params); err != nil {
		return err
	}
	return o.Sync()
}

// changed says that the moments were set on the host.
func (o *Optimizer) changed() {
	if o.device != nil {
		for _, m := range o.device.moments {
			m.Changed()
		}
	}
}

// moment returns the copy on the device of a tensor that a transform keeps.
func (d *device) moment(v *tensor.Dense) (cuda.Ptr, error) {
	if m, ok := d.moments[v]; ok {
		return m.Ptr(), nil
	}
	m, err := cuda.NewMirror(d.dev, bytesOf(v), "the optimizer's moments")
	if err != nil {
		return 0, err
	}
	d.moments[v] = m
	return m.Ptr(), m.Push()
}
