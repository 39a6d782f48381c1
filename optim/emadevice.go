package optim

import (
	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// An emaOnDevice is an EMA's part of a device: one table, of averages and parameters.
type emaOnDevice struct {
	*many
	a, value []*cuda.Mirror
}

// runOnDevice runs a kernel on the averages and the parameters, with perhaps a number,
// where all parameters are on one device. Else it brings everything to the host.
func (e *EMA) runOnDevice(kernel string, numbers ...float64) (ran bool, err error) {
	dev := e.deviceOfAll()
	if dev == nil {
		if err := nn.Sync(e.params); err != nil {
			return false, err
		}
		return false, e.sync()
	}
	err = dev.Do(func() error {
		if e.device == nil {
			if err := e.enter(dev); err != nil {
				return err
			}
		}
		return e.device.run(kernel, numbers)
	})
	return err == nil, err
}

// deviceOfAll returns the device that all parameters are on, or nil.
func (e *EMA) deviceOfAll() (dev *cuda.Device) {
	for i, p := range e.params {
		m := p.Mirror()
		if m == nil || i > 0 && m.Device() != dev {
			return nil
		}
		dev = m.Device()
	}
	return dev
}

// enter makes e's part of the device, until the parameters leave it.
func (e *EMA) enter(dev *cuda.Device) (err error) {
	d := &emaOnDevice{}
	defer func() {
		if err != nil {
			err = first(err, d.free())
		}
	}()
	if d.many, err = newMany(dev, e.params, 1); err != nil {
		return err
	}
	for i, p := range e.params {
		m, err := cuda.NewMirror(dev, bytesOf(e.a[i]), "the average of "+p.Name)
		if err != nil {
			return err
		}
		d.a, d.value = append(d.a, m), append(d.value, p.Mirror())
	}
	err = d.set(0, func(i int) (operands, error) {
		return operands{at: [4]launch.Ptr{d.a[i].Ptr(), d.value[i].Ptr()}}, nil
	})
	if err != nil {
		return err
	}
	e.device = d
	for _, p := range e.params { // when the first of them leaves
		p.WhenLeaving(func() error {
			if e.device != d {
				return nil
			}
			e.device = nil
			return first(d.pull(), d.free())
		})
	}
	return nil
}

// run launches a kernel, on what the host has changed too.
func (d *emaOnDevice) run(kernel string, numbers []float64) error {
	for i := range d.a {
		if err := first(d.a[i].Push(), d.value[i].Push()); err != nil {
			return err
		}
	}
	var args [1]launch.Arg
	for i, v := range numbers {
		args[i] = launch.F64(v)
	}
	if err := d.launch(0, kernel, args[:len(numbers)]...); err != nil {
		return err
	}
	for i := range d.a {
		d.a[i].Written()
		if kernel == "exchange" {
			d.value[i].Written()
		}
	}
	return nil
}

// pull brings the averages to the host.
func (d *emaOnDevice) pull() error {
	for _, m := range d.a {
		if err := m.Pull(); err != nil {
			return err
		}
	}
	return nil
}

func (d *emaOnDevice) free() (err error) {
	for _, m := range d.a {
		err = first(err, m.Free())
	}
	if d.many == nil {
		return err
	}
	return first(err, d.many.free())
}

// sync brings the averages to the host.
func (e *EMA) sync() error {
	if e.device == nil {
		return nil
	}
	return e.device.dev.Do(e.device.pull)
}

// changed says that the averages were set on the host.
func (e *EMA) changed() {
	if e.device != nil {
		for _, m := range e.device.a {
			m.Changed()
		}
	}
}
