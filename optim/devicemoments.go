package optim

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Sync makes the moments on the host those of the device, where there are newer
// ones: call it before State.
func (o *Optimizer) Sync() error {
	if err := o.made(); err != nil {
		return errors.WithMessage(err, "optim: sync")
	}
	if r := o.rule(); r != nil {
		return nn.Sync(r.all)
	}
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
	if r := o.rule(); r != nil {
		nn.Changed(r.all)
	}
	if o.device != nil {
		for _, m := range o.device.moments {
			m.Changed()
		}
	}
}

// moment returns the copy on the device of a tensor that a transform keeps.
func (d *device) moment(v *tensor.Dense) (launch.Ptr, error) {
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
